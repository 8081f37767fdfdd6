"""What a heading says in several words: who is not to be called, who may be, who has died.

No list has all the ways of writing "must not be contacted". So a heading is read as the words it is made of:
one that denies beside one for calling somebody, in any of the languages of `churnmodel.data.words`.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from churnmodel.data.words import HEADINGS, WITHDRAWN, folded

REACH: Final = 5  # words between what denies and what is denied: "ønsker ikke å bli kontaktet på telefon"

_WORD: Final = re.compile(r"[^\W\d_]+")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")  # donotCall, DoNotCall


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def listed(text: str) -> tuple[str, ...]:
    """The words of a table, which are written one after the other."""
    return tuple(text.split())


DENYING: Final = _set(
    "not never no without nor ikke ikkje aldri ingen inte ej icke aldrig nei nej nein nicht nie kein"
    " keine keinen keinerlei ei ala eivat undanber undanbeder frabeder frabedt ne pas aucun"
    " aucune jamais niet geen nooit"
)
CALLING: Final = listed(
    "call rung contact dial disturb solicit telemarket telemarkk telesale coldcall market canvass kontakt"
    " ring uppring oppring opring henvend opkald oppkall samtal salg reklam markedsf marknadsf telefonsal"
    " telefonsalg telefonforsalj forsalj direktreklam soit soitt puhelu yhteyden yhteytta markkin"
    " suoramarkkin puhelinmarkkin puhelinmyy telemyyn anruf angeruf anzuruf kontaktier werb telefonwerb"
    " telefonier dm direktmark direktwerb appel appeler demarch telephoner bellen gebeld opgebeld opbellen"
    " benader"
)
"""How words begin that say that somebody is called, or advertised to."""
BY_PHONE: Final = (*CALLING, "phone", "telephone", "telefon", "tlf", "tel", "puhelin")
"""The same, and the telephone itself: beside a word that blocks."""
SELLING: Final = listed(
    "market werb markkin markedsf marknadsf salg forsalj sales reklam myyn demarch verkoop"
)
PHONES: Final = listed("phone tele tlf tel puhelin")
BLOCKING: Final = listed(
    "block suppress exclu prohibit refus declin objec withdr optout optedout unsubscr reservert"
    " reservasjon reserverad reserveret sperr gesperr forbud avbojt sparr spaerr fravalg frameld afmeld"
    " indsig innsig motsatt invandn vastust oppos interdi bezwaar geblokk verbod afgemeld uitgeschreven"
    " frabed avregist kiel esto estetty widerspr widerruf untersag verbot verboten abgelehn unerwunsch"
    " unerwuensch barred forbid beskyt skydd remov delist"
)
BLOCKING_PARTS: Final = listed(
    "verbod kielto kiellot sperr sparr forbud verbot widerspr reserva beskyt skydd schutz"
)
"""Parts of words that block what the word begins with: `Puhelinmyyntikielto`, `Anrufsperrvermerk`."""
ALLOWING: Final = listed(
    "allow permi ok okay may can wants wish willing wanted accept agree kan ma far lov onsk tillat tilla"
    " tillad godkan godkjen godta vill vil saa salli lupa haluaa darf erlaub erwunsch erwuensch gestatt"
    " peut peuvent autoris accepte souhaite accord mag mogen wil toegest"
    " gewunsch saako voiko ynskj skal ska soll"
)
ORDERS: Final = _set(
    "call contact dial ring ringe ringes ringa ringas ringjast kontakt"
    " kontakta kontaktes kontaktas kontaktieren"
    " anrufen soita soittaa soitetaan appeler appelez bellen"
)
"""Words that ask for a call by themselves: `Call?`, `Ring ikke`; `called` and `calls` tell of one."""
SERVICES: Final = _set(
    "international intl roaming premium abroad outgoing incoming barring waiting forwarding forward dropped"
    " missed unanswered minutes min spam care utland utlandet utenlands udland ausland ulkomaan ulkomaille"
)
"""Words that make a heading speak of a telephone service, or of what was done with it."""
DYING: Final = _set(
    "deceased dead died death dod dode dods dodsfall dodsdato dodsdag dodsdatum avdod avdode avliden"
    " avlidna avled afdod afdode dodsfald kuollut kuolleet kuolinpaiva kuolinpvm menehtynyt vainaja"
    " poisnukkunut verstorben verstorbene gestorben sterbedatum todesdatum todestag todesfall tod tot"
    " bortgangen verst verstb gest decede decedee decedes deces mort overleden overlijden"
    " overlijdensdatum"
)
FILLING: Final = _set(
    "is has was are y n j e o k yn jn on ke yes ja jo kylla flag flagg flagge code kode kod status marker"
    " merke mark marking markering indicator ind field felt falt customer kunde kund kunden asiakas client"
    " client klant le la les du des est de het van op oui"
    " person date dato datum pvm paiva dag tag day am den of at on since the a an er ist har hat i ar om"
    " reason grunn grund arsak orsak aarsag syy motif raison reden source kilde kalla lahde quelle bron"
    " siden sedan until til till bis asti t m gdpr dsgvo rgpd art article artikel kz kennz kennzeichen"
)
"""Words that change nothing about what the others say of a person."""


DIED: Final = _set(
    "passedaway afgaetveddoden avgattveddoden gattbort gattutavtiden gikbort gikkbort gickbort"
    " sovetinn sovindstille insomnad entschlafen"
)
"""Words that tell of a death together, without blanks between."""
CONSENTING: Final = listed("consent samtyk samtyck suostumu einwillig toestemming permission optin")
"""How words begin that name a consent."""
REASONS_ASKED: Final = listed("reason grunn grund arsak orsak aarsag syy motif raison reden")


def words_in(heading: str) -> list[str]:
    """The words a heading is made of, each folded."""
    spoken = re.sub(r"n['’]t\b", " not", heading, flags=re.IGNORECASE)  # noqa: RUF001 - as people write it
    parts = _WORD.findall(_CAMEL.sub(" ", spoken.removesuffix("__c")))
    return [word for part in parts if (word := folded(part))]


def forbids(heading: str) -> bool:
    """Whether a heading says that somebody is not to be called, so that a yes puts them off."""
    words = words_in(heading)
    told = "".join(word for word in words if word not in FILLING and word not in DENYING)
    if not SERVICES.isdisjoint(words):
        return False
    return told in HEADINGS["do_not_call"] or denies(words) or _blocks(words) or withdraws(words)


def permits(heading: str) -> bool:
    """Whether a heading says that somebody may be called, so that a no puts them off."""
    words = words_in(heading)
    asked = [word for word in words if word not in FILLING]
    return (
        any(word.startswith(BY_PHONE) for word in words)
        and (
            any(begins(word, ALLOWING) for word in words)
            or (bool(asked) and ORDERS.issuperset(asked))
            or _is_telemarketing(asked)
        )
        and (DENYING | SERVICES).isdisjoint(words)
        and not _blocks(words)
    )


def gives_reason(heading: str) -> bool:
    """Whether a heading asks why; where it asks why somebody is not called, any answer is a yes."""
    return any(begins(word, REASONS_ASKED) for word in words_in(heading))


def tells_of_death(heading: str) -> bool:
    """Whether a heading says that somebody has died, or when."""
    words = [word for word in words_in(heading) if word not in FILLING and word not in DENYING]
    return "".join(words) in DIED or (bool(words) and all(word in DYING for word in words))


def without_filling(heading: str) -> str:
    """The heading, folded, without words that change nothing: `Has churned?` is `churned`."""
    return "".join(word for word in words_in(heading) if word not in FILLING and word not in DENYING)


def denies(words: Sequence[str]) -> bool:
    """Whether words deny that somebody is called, near enough to each other."""
    for place, word in enumerate(words):
        if word not in DENYING:
            continue
        behind = words[place + 1 : place + 1 + REACH]
        if word == "no" and (not behind or behind[0] == "of"):  # the number of something
            continue
        if any(each.startswith(CALLING) for each in behind):
            return True
        before = words[:place]
        if before and ORDERS.issuperset(before):
            return True
        if any(each.startswith(BY_PHONE) for each in behind) and any(
            begins(each, ALLOWING) for each in before
        ):
            return True
        if any(each.startswith(CALLING) for each in before) and any(begins(each, ALLOWING) for each in words):
            return True
    return False


def withdraws(words: Sequence[str]) -> bool:
    """Whether words say that a consent was taken back: `Einwilligung widerrufen am`."""
    return any(word.startswith(CONSENTING) for word in words) and any(
        word.startswith(WITHDRAWN) for word in words
    )


def _is_telemarketing(words: list[str]) -> bool:
    """Whether words name advertising by telephone and nothing else: `Telefonwerbung`, `Marketing (phone)`."""
    sells = [word for word in words if any(part in word for part in SELLING)]
    calls = [word for word in words if any(word.startswith(start) for start in PHONES)]
    return bool(sells) and bool(calls) and {*sells, *calls} == set(words)


def _blocks(words: list[str]) -> bool:
    joined = [*words, *(first + second for first, second in pairwise(words))]
    by_phone = [word for word in words if word.startswith(BY_PHONE)]
    return bool(by_phone) and (
        any(word.startswith(BLOCKING) for word in joined)
        or any(part in word for word in by_phone for part in BLOCKING_PARTS)
    )


def begins(word: str, starts: tuple[str, ...]) -> bool:
    """Whether a word begins so.

    Short words must be the whole of it: `ma` is no beginning of `market`.
    """
    return any(word == start or (len(start) > 3 and word.startswith(start)) for start in starts)  # noqa: PLR2004 - letters
