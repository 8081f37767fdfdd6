"""The words of customer files in English, Norwegian (both), Swedish, Danish, Finnish, German, French, Dutch.

One dictionary for everybody who reads a file: which column is what, what says yes, no or nothing, who left.
Words stand here as `folded` gives them: small letters and digits, without accents, marks or blanks. A house
adds its own once, when the process starts (`learn_words`); everybody here reads the tables when asked.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

LETTERS: Final = str.maketrans(
    {"ø": "o", "æ": "ae", "å": "a", "ä": "a", "ö": "o", "ü": "u", "ð": "d", "đ": "d", "ł": "l", "þ": "th"}
)

ASCII_MARKS: Final = {code: None for code in range(128) if not chr(code).isalnum()}


def folded(text: str) -> str:
    """Give the text in small letters and digits: `Månedspris (kr)` is `manedspriskr`, `k.A.` is `ka`."""
    if text.isascii():
        return text.lower().translate(ASCII_MARKS)
    spelled = unicodedata.normalize("NFKC", text).casefold().translate(LETTERS)
    plain = unicodedata.normalize("NFKD", spelled)
    return "".join(character for character in plain if character.isalnum())


def folded_heading(text: str) -> str:
    """The same of a column's name, without the mark of a field that a house has added to its Salesforce."""
    return folded(text.removesuffix("__c"))


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.split()))


# What says yes, no, nothing -----------------------------------------------------------------------------

MISSING_WORDS: Final = set(
    _words(
        "na nan nat null none nil unknown notknown nk missing empty notavailable notapplicable "
        "nophone nonumber"
        " notgiven undefined"
        " ukjent ukjend ingen mangler manglar tom ikkeoppgitt ikkeoppgjeve uoppgitt uoppgjeve finnesikke"
        " ikkekjent ikkjeoppgjeve ikkjekjend ikkjekjent finstikkje manglarnummer"
        " okand oknd saknas tomt ingenuppgift ejangivet uppgiftsaknas"
        " ukendt intet ikkeoplyst uoplyst"
        " tuntematon eitiedossa eitietoa puuttuu tyhja eiole eioo"
        " unbekannt ka keine keiner kein keineangabe keineangaben leer fehlt nv nichtvorhanden"
        " nichtbekannt nichtangegeben"
        " inconnu inconnue aucun aucune nonrenseigne nonrenseignee noncommunique neant"
        " onbekend geen nvt leeg nietbekend nietingevuld nietvantoepassing"
    )
) | {""}
"""Spellings of "not known", and of "there is none"."""

YES_WORDS: Final = set(_words("1 yes y true t x on ja j jo sann sant sand kylla k tosi wahr oui o vrai waar"))
NO_WORDS: Final = set(
    _words("0 no n false f off nei nein nej usann usant falskt falsk falsch ei e epatosi non faux nee onwaar")
)

UNBARRED_WORDS: Final = set(
    _words(
        "clear cleared notlisted notonlist notondnc"
        " free open ok allowed permitted active alive living normal unblocked notblocked notregistered"
        " fri ledig apen apent tillatt aktiv lever levende ikkesperret ikkereservert ikkeregistrert"
        " ikkjereservert"
        " oppen tillaten tillatet levande ejsparrad ejreserverad intesparrad intereserverad ejregistrerad"
        " aben tilladt ikkespaerret ikkeregistreret"
        " vapaa avoin sallittu aktiivinen elossa eiestetty"
        " allow allows zulassen tillat tillad salli autoriser toestaan"
        " frei offen erlaubt lebt lebend nichtgesperrt keinesperre ohnesperre"
        " libre autorise autorisee permis vivant vivante noninscrit vrij toegestaan levend nietgeblokkeerd"
    )
)
"""Answers to whether somebody is barred, or has died, that say no in a word of their own: `frei`."""

LEFT_WORDS: Final = set(
    _words(
        "churn churned left exited cancelled canceled terminated quit gone lost lapsed closed"
        " oppsagt sluttet slutta avsluttet avslutta sagtopp utmeldt utmeld tapt"
        " uppsagd uppsagt avslutad slutat utgangen forlorad"
        " opsagt ophort stoppet udmeldt afsluttet tabt"
        " irtisanottu irtisanonut irtisanoutunut lopettanut paattynyt poistunut eronnut menetetty"
        " gekundigt gekuendigt beendet abgewandert ausgetreten verloren"
        " resilie resiliee parti partie perdu perdue desabonne desabonnee cloture"
        " opgezegd vertrokken beeindigd uitgeschreven"
    )
)
REFUSING_WORDS: Final = set(
    _words(
        "donotcall dontcall nevercall donotcontact donotphone dnc optedout"
        " optout optedoutofcalls nomarketingcalls"
        " doesnotwantcalls tps ctps objected objectedtocalls objectiontomarketing"
        " ikkering ringikke ikkeringes skalikkeringes maikkeringes ikkering skalikkekontaktes maikkekontaktes"
        " onskerikkekontakt onskerikkeabliringt onskerikkeabliringtopp reservert reservertmottelefonsalg"
        " ikkjering ringikkje skalikkjeringjast ynskjerikkjekontakt"
        " ringinte ringej ringaej kontaktaej kontaktainte farejringas farinteringas farejkontaktas nix nixad"
        " villejbliuppringd villintebliuppringd"
        " maikkeringesop ringikketil robinson onskerikkeopkald frabedtsigopkald frabedersigopkald"
        " alasoita eisaasoittaa alaotayhteytta soittokielto markkinointikielto puhelinmyyntikielto"
        " nichtanrufen bittenichtanrufen keineanrufe keinanruf anrufsperre werbesperre kontaktsperre"
        " werbewiderspruch keinkontaktgewunscht keinetelefonwerbung keinewerbung nomarketing"
        " ingenmarkedsforing ingenmarknadsforing eimarkkinointia geenmarketing"
        " nepasappeler neplusappeler nepascontacter nepasdemarcher bloctel inscritbloctel oppose"
        " nietbellen nietmeerbellen nietbenaderen nietcontacteren belmeniet belmenietregister"
    )
)
"""Answers that refuse calls, whatever the question was: `Contact preference` is `Do not call`."""
WITHDRAWN: Final = _words(
    "withdr revok revoq widerruf widerrief trukk tilbakekal tilbagekal tilbagetruk aterkal perut perui"
    " retir ingetrok zuruckgezog zurueckgezog"
)
"""How words begin that take a consent back."""
UNWANTED_WORDS: Final = set(
    _words(
        "notwanted unwanted ikkeonsket uonsket ikkeonskt uonskt intonskad ejonskad ejonskat oonskad"
        " eitoivottu eihaluta"
        " nichterwunscht nichtgewunscht unerwunscht nonsouhaite nietgewenst ongewenst"
    )
)
"""Answers to whether somebody may be called that say no in a word of their own."""
STAYED_WORDS: Final = set(
    _words(
        "stayed active retained current existing customer open"
        " aktiv lopende aktive blevvarende gjeldende"
        " kvar nuvarande pagaende"
        " aktivt nuvaerende igangvaerende"
        " aktiivinen voimassa nykyinen pysynyt"
        " bestehend ungekundigt ungekuendigt laufend geblieben"
        " actif encours abonne lopend actief gebleven"
    )
)

TOTAL_WORDS: Final = _words(
    "total totals grandtotal subtotal sum number count rows records endoffile"
    " totalt ialt antall antallrader antallkunder sumtotalt delsum sluttsum totalsum hovedtotal"
    " summa antal antalrader antalkunder delsumma slutsumma totalsumma"
    " antalraekker deltotal slutsum hovedsum"
    " yhteensa kaikkiaan lukumaara asiakkaitayhteensa rivejayhteensa kaikkiyhteensa valisumma loppusumma"
    " summe gesamt insgesamt gesamtsumme anzahl anzahlkunden anzahlzeilen summekunden"
    " zwischensumme endsumme totalsumme gesamtergebnis teilergebnis"
    " totalgeneral soustotal nombre nombredeclients somme totaal subtotaal eindtotaal aantal aantalklanten"
)
"""What a report's last line begins with, where the identifiers stand in the lines above."""
COUNTED_WORDS: Final = _words(
    "customers customer rows records of"
    " kunder kunde rader rad poster stk kundar radar"
    " st raekker rakker asiakasta asiakkaita rivia kpl kunden zeilen datensatze"
    " clients lignes klanten rijen regels"
)
"""What is counted there."""

_MONTHS: Final = (
    "january jan januar januari jaenner jannar janvier janv tammikuu tammikuuta tammi",
    "february feb februar februari fevrier fevr fev helmikuu helmikuuta helmi",
    "march mar mars marts marz maerz maart mrt maaliskuu maaliskuuta maalis",
    "april apr avril avr huhtikuu huhtikuuta huhti",
    "may mai maj mei toukokuu toukokuuta touko",
    "june jun juni juin kesakuu kesakuuta kesa",
    "july jul juli juillet juil heinakuu heinakuuta heina",
    "august aug augusti augustus aout elokuu elokuuta elo",
    "september sep sept septembre syyskuu syyskuuta syys",
    "october oct oktober okt octobre lokakuu lokakuuta loka",
    "november nov novembre marraskuu marraskuuta marras",
    "december dec desember des dezember dez decembre joulukuu joulukuuta joulu",
)
MONTHS: Final = {word: place for place, words in enumerate(_MONTHS, start=1) for word in words.split()}

BEFORE_A_DAY: Final = frozenset(
    _words(
        "the of den der am dem"
        " monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur "
        "thurs fri sat sun"
        " mandag tirsdag onsdag torsdag fredag lordag sondag man tir tirs ons tor tors fre lor son"
        " mandag tysdag laurdag tys lau mandagen tisdag tis"
        " maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai ma ti ke to pe la su"
        " maanantaina tiistaina keskiviikkona torstaina perjantaina lauantaina sunnuntaina"
        " montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so"
        " le lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim"
        " op maandag dinsdag woensdag donderdag vrijdag zaterdag zondag wo vr za zo"
    )
)
"""Words that stand before a day and say nothing of it beyond its date."""

# Headings -----------------------------------------------------------------------------------------------

HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "id": _words(
        "id customerid customernumber customerno customer clientid client accountid accountnumber account"
        " subscriberid userid memberid contactid externalid custid uuid guid rowid custno clientno"
        " memberno leadid personid partyid recordid kontaktid kontaktnr kontaktnummer debitor debtor"
        " customerref customerreference reference policynumber"
        " policyno debtorid debtorno"
        " membernumber contractnumber contractid"
        " referanse referansenummer kunderef"
        " kundenummer kundenr kundeid kundnummer kundnr kundid kunde kund kundnum kontonummer abonnentnummer"
        " abonnementsnummer"
        " medlemsnummer medlemsnr medlemsid avtalenummer avtalsnummer aftalenummer debitornummer"
        " asiakasnumero asiakasnro asiakastunnus asiakasid asiakas jasennumero sopimusnumero tilaajanumero"
        " kundennummer kundennr kundenid mitgliedsnummer mitgliedsnr vertragsnummer vertragsnr"
        " debitorennummer"
        " nclient ndeclient noclient numclient numeroclient numerodeclient codeclient refclient idclient"
        " referenceclient identifiant identifiantclient ncompte numerodecompte nadherent numadherent"
        " klantnummer klantnr klantid klantcode klant debiteurnummer debiteurnr relatienummer relatienr"
        " relatiecode lidnummer contractnr polisnummer abonneenummer"
    ),
    "name": _words(
        "name name1 navn1 namn1 fullname customername displayname contactname clientname contact"
        " navn namn fulltnavn fulltnamn kundenavn kundenamn kundnamn fullstandigtnamn fuldenavn fuldtnavn"
        " nimi"
        " kokonimi asiakkaannimi"
        " kundensnavn kundensnamn navnpakunde nachnamevorname namevorname sukunimietunimi etternavnfornavn"
        " efternavnfornavn efternamnfornamn"
        " asiakasnimi kundenname vollername namevollstandig ansprechpartner kontaktperson yhteyshenkilo"
        " nomcomplet nometprenom nomprenom prenometnom prenomnom nomclient nomduclient volledigenaam"
        " klantnaam naamklant contactpersoon"
    ),
    "first_name": _words(
        "firstname givenname forename fornavn fornamn forenamn tilltalsnamn etunimi etunimet kutsumanimi"
        " vorname vornamen rufname fname"
        " prenom prenoms voornaam roepnaam"
    ),
    "middle_name": _words(
        "middlename mellomnavn mellomnamn mellannamn mellemnavn toinennimi zweitername tussenvoegsel"
    ),
    "last_name": _words(
        "lastname surname familyname etternavn etternamn efternamn efternavn sukunimi nachname"
        " familienname"
        " zuname slektsnavn lname"
        " nom nomdefamille achternaam familienaam naam"
    ),
    "phone": _words(
        "phone phonenumber phoneno telephone telephonenumber telephoneno tel telno contactnumber number"
        " msisdn e164"
        " landline homephone workphone officephone businessphone primaryphone mainphone phonehome"
        " phonework"
        " phoneprimary secondaryphone otherphone altphone alternatephone phonealt dayphone eveningphone"
        " telefon telefonnummer telefonnr tlf tlfnr tlfnummer fasttelefon telefonprivat telefonarbeid"
        " telefonjobb"
        " hjemmetelefon arbeidstelefon heimetelefon"
        " hemtelefon arbetstelefon telefonhem telefonarbete telefonbostad fasttelefoni"
        " fastnettelefon fastnet fastnetnummer arbejdstelefon telefonarbejde"
        " puhelin puhelinnumero puh puhelinnro puhnro kotipuhelin tyopuhelin lankapuhelin"
        " rufnummer festnetz festnetznummer telefonnummerprivat telefongeschaftlich telefongeschaeftlich"
        " telefondienstlich teldienstlich telprivat privattelefon ruf telnr telefonfestnetz fon"
        " fixe telfixe telephonefixe telephonedomicile teldomicile telephonebureau telbureau telpro"
        " telephoneprofessionnel telephonepersonnel numerodetelephone numtelephone ntelephone ntel numtel"
        " telefoon telefoonnummer telefoonnr telnummer telefoonprive telefoonwerk telefoonthuis"
        " vastenummer vastetelefoon"
    ),
    "mobile": _words(
        "mobile mobilephone mobilenumber mobileno cell cellphone cellnumber cellular phonemobile"
        " phonecell"
        " mobil mobiltelefon mobilnummer mobilnr mobiltlf telefonmobil mobiltelefonnummer matkapuhelin"
        " kannykka"
        " gsm gsmnumero matkapuhelinnumero handy handynummer handynr mobilfunk mobilfunknummer telmobil"
        " natel"
        " tlfmobil mobilprivat mobilarbeid matkapuh mobtlf mobtel mobnr mobno mobiltel tlfmob telmob"
        " portable telportable telephoneportable telmobile telephonemobile nportable"
        " mobiel mobielnummer mobielnr mobieletelefoon mobieltelefoonnummer gsmnummer gsmnr"
    ),
    "fax": _words(
        "fax faxnumber faxno telefax telefaks faks faksnummer faxnummer telefaxnummer faksi faxnr workfax"
        " homefax telecopie telecopieur"
    ),
    "area_code": _words(
        "areacode stdcode stdareacode dialcode dialingcode diallingcode citycode exchangecode phoneprefix"
        " prefix"
        " retningsnummer retningsnr omradenummer omradenr omradekode riktnummer riktnr omradesnummer"
        " omradeskod netnummer kengetal suuntanumero suunta"
        " vorwahl ortsvorwahl ortskennzahl ortsnetzkennzahl vorwahlnummer vorwahlnr onkz"
        " indicatif prefixe prefijo prefisso"
    ),
    "calling_code": _words(
        "countrycallingcode callingcode countrydialcode countrydialingcode countrydiallingcode countrycode"
        " internationalcode internationaldialingcode internationalprefix intlcode countryprefix isdcode"
        " landsnummer landsnr landnummer landnr landkode landskode landkod landskod landekode utlandskode"
        " maanumero maatunnus maakoodi"
        " landervorwahl laendervorwahl landesvorwahl landvorwahl landeskennzahl landesvorwahlnummer"
        " internationalevorwahl auslandsvorwahl landercode laendercode"
        " indicatifpays indicatifinternational landcode landennummer landnetnummer"
    ),
    "email": _words(
        "email mail emailaddress mailaddress epost epostadresse epostadress mejl mailadresse sahkoposti"
        " sahkopostiosoite mailadress"
        " courriel adressemail adresseemail emailadres mailadres"
    ),
    "zone": _words(
        "timezone zone tz timezonename tzname tidssone tidszone tidszon aikavyohyke zeitzone"
        " fuseauhoraire tijdzone"
    ),
    "country": _words(
        "countryregion"
        " country countrycode countryname homecountry countryofresidence addresscountry billingcountry nation"
        " land landkode landkod landnavn landnamn bostedsland bosattningsland bopaelsland"
        " maa asuinmaa maakoodi landercode laendercode wohnsitzland staat"
        " pais paisderesidencia codigopais pays paysderesidence codepays woonland"
    ),
    "state": _words(
        "state stateprovince stateorprovince stateregion province addressstate homestate billingstate"
        " shippingstate st statecode statename provincecode prov territory region"
        " delstat provins fylke lan osavaltio maakunta provinssi bundesstaat bundesland provinz kanton"
        " estado provincia uf provincie"
    ),
    "postcode": _words(
        "zip zipcode postcode postalcode zippostalcode zippostcode billingzip billingpostalcode"
        " shippingzip zip5 zip4 zipplus4"
        " postnummer postnr postkode postalnr postinumero postinro plz postleitzahl"
        " codigopostal cp cep codepostal"
    ),
    "language": _words(
        "language lang locale languagecode preferredlanguage sprak sprog maalform malform kieli"
        " asiointikieli sprache"
        " korrespondenzsprache kundesprak langue languepreferee taal voorkeurstaal"
    ),
    "household": _words(
        "household householdid householdkey familyid husstand husstandid husstandsid husstandsnummer"
        " hushold"
        " hushall hushallid hushallsid husstandnr talous kotitalous taloustunnus ruokakunta haushalt"
        " haushaltsid"
        " haushaltsnummer foyer nfoyer huishouden huishoudnummer"
    ),
    "label": _words(
        "churned churn exited attrition left cancelled canceled target y terminated"
        " oppsagt sagtopp sluttet slutta avsluttet utmeldt kundeavgang oppsagtabonnement oppsagtavtale"
        " uppsagd uppsagt avslutad slutat sagtupp uppsagtabonnemang uppsagtavtal lamnat"
        " opsagt udmeldt opsagtabonnement opsagtaftale frafaldet ophort afgang"
        " irtisanottu irtisanonut irtisanoutunut lopettanut paattynyt poistunut asiakaspoistuma"
        " gekundigt gekuendigt abgewandert kundigung kuendigung ausgetreten"
        " resilie resiliee resiliation desabonne opgezegd opzegging vertrokken"
    ),
    "do_not_call": _words(
        "donotcall dnc donotphone donotcontact nocall nocalls nophone dontcall donotdial dnd donotdisturb"
        " donotsolicit"
        " callblocked blocked suppress suppressed suppression doesnotwantcalls phoneoptout calloptout"
        " donotcallflag"
        " donotcalllist dncflag dncstatus isdonotcall hasoptedout hasoptedoutofcalls hasoptedoutofphone"
        " optout optedout optoutphone optoutcall unsubscribed marketingoptout objection objected"
        " objectiontomarketing"
        " nomarketing withdrawn consentwithdrawn tps ctps onregister doesnotwishcontact"
        " ikkering ringikke ikkekontakt skalikkeringes skalikkekontaktes ikkemarkedsforing ringesikke"
        " kontaktikke"
        " reservert reservasjon reservertmotsalg reservertmottelefonsalg reservertmotmarkedsforing"
        " telefonreservasjon"
        " reservasjonsregisteret reservasjontelefon reservertreklame reserverttelefonsalg ikkjering"
        " ikkjekontakt reservasjontelefonsalg"
        " nix nixtelefon nixad ringej ringinte ejkontakt kontaktaej sparradforsamtal reklamsparr"
        " reklamsparrad direktreklamsparr"
        " telefonsparr sparrad avbojtmarknadsforing fareejringas farejringas"
        " robinson robinsonlisten robinsonliste robinsonmarkeret maikkeringes ringikketil"
        " markedsforingfravalgt frabedtsigopkald"
        " nejtakreklame reklamebeskyttet nejtilmarkedsforing fravalgt"
        " alasoita soittokielto markkinointikielto suoramarkkinointikielto puhelinmarkkinointikielto"
        " kielto"
        " eisaasoittaa eisoitella eiyhteydenottoja kieltanyt"
        " nichtanrufen keinanruf keineanrufe anrufsperre werbesperre werbeverbot kontaktsperre"
        " telefonsperre sperre sperr sperrkennzeichen sperrvermerk sperrgrund gesperrt blockert sparrkod"
        " sperret spaerret spaerrekode estokoodi"
        " loschkz loschkennzeichen loschvermerk geloscht deleted isdeleted slettet raderad borttagen"
        " poistettu verwijderd supprime"
        " keinewerbung widerspruch werbewiderspruch widersprochen robinsonlisteneintrag ecgliste"
        " keinetelefonwerbung"
        " widerspruchtelefon sterneintrag"
        " nepasappeler nepascontacter nepasdemarcher bloctel inscritbloctel oppositiontelephone opposition"
        " oppositionappel oppositiondemarchage refusdappel refusappel pasdappel demarchageinterdit"
        " nietbellen nietbenaderen nietcontacteren belmenietregister belmeniet bmnr bezwaar geblokkeerd"
    ),
    "deceased": _words(
        "deceased dead isdeceased dateofdeath deathdate deceaseddate died avdod dod dodsdato dodsdag"
        " avliden dodsdatum"
        " avlidendatum afdod afdode kuollut kuolinpaiva menehtynyt vainaja verstorben tod todestag"
        " todesdatum sterbedatum"
        " decede decedee deces datededeces datedeces overleden overlijdensdatum datumoverlijden"
    ),
    "consent": _words(
        "marketingconsent consenttocall consentphone phoneconsent callconsent marketingoptin phoneoptin"
        " maycall callallowed optintelefon telefonoptin optinphone optincalls optincall callsoptin"
        " samtykkemarkedsforing samtykketelefon kanringes samtykketelefonsalg"
        " marknadsforingssamtycke farringas"
        " markedsforingssamtykke maringes telefonsamtykke"
        " markkinointilupa markkinointisuostumus soittolupa saasoittaa suoramarkkinointilupa"
        " einwilligungtelefon werbeeinwilligung telefoneinwilligung darfangerufenwerden anruferlaubt"
        " consentement consentementtelephone consentementappel accordtelephone toestemming"
        " toestemmingbellen toestemmingtelefoon belpermissie"
    ),
    "marketing": _words(
        "marketing consent optin marketingallowed werbung werbungerlaubt einwilligung einwilligungwerbung"
        " reklame reklam markedsforing marknadsforing samtykke samtycke samtykketilmarkedsforing"
        " samtycketillmarknadsforing"
        " samtykkereklame markkinointi mainonta suostumus suostumusmarkkinointiin publicite prospection"
        " consentement consentementmarketing reclame toestemming toestemmingmarketing consenttomarketing"
        " acceptsmarketing"
    ),
    "consent_date": _words(
        "consentdate consentgiven consentgivenon consentat consentsince optindate optinat dateofconsent"
        " samtykkedato samtykkegitt samtyckesdatum samtyckegavs suostumuspaiva suostumuspvm"
        " einwilligungsdatum einwilligungvom einwilligungerteiltam dateconsentement datumtoestemming"
    ),
    "consent_until": _words(
        "consentuntil consentexpires consentexpiry consentexpirydate consentvaliduntil optinexpires"
        " samtykkeutloper samtykkegyldigtil samtykketil samtykkeudlober samtyckegallertill samtycketill"
        " suostumusvoimassa suostumuspaattyy einwilligungbis einwilligunggultigbis einwilligungendet"
    ),
}
"""What a column is by its name; the most telling name first."""

NOT_PHONE: Final = _words(
    "type typ tyyppi art country land maa verified verifisert status plan service lines provider"
    " carrier operator"
    " operaattori anbieter model modell malli extension ext consent samtykke suostumus os brand count"
    " antall"
    " antal anzahl code vorwahl landkode data usage"
)
"""Ends of a column's name that make it speak about a line and hold no number."""

# Beside a number ----------------------------------------------------------------------------------------

FAX: Final = frozenset({*HEADINGS["fax"], "f"})
CELL_LABELS: Final = frozenset(
    {*HEADINGS["phone"], *HEADINGS["mobile"]}
    | set(
        _words("t m p h w mob ph telephon phones nr no nummer numero number no1 direct direkte direkt suora")
    )
)
"""Words that say, before or behind a number, that it is one."""

CELL_REMARKS: Final = frozenset(
    _words(
        "work home private office business daytime evening main primary personal cell mobile day desk"
        " switchboard"
        " jobb arbeid arbeide privat hjem hjemme heime kontor kveld dagtid dag hovednummer sentralbord"
        " arbete hem hemma kvall bostad vaxel"
        " arbejde job hjemmenummer aften omstilling"
        " tyo koti toimisto yksityinen ilta paiva vaihde oma"
        " priv arb vx whatsapp g gesch"
        " domicile bureau travail maison pro perso personnel professionnel fixe portable"
        " werk thuis kantoor prive mobiel vast"
        " arbeit buro buero geschaftlich geschaeftlich dienstlich zuhause zentrale abends tagsuber firma"
    )
)
"""Words that tell which of somebody's numbers it is, and change nothing about it."""
NUMBER_WITHHELD: Final = frozenset(
    _words(
        "exdirectory exdir withheld unlisted tbc tba has have no not yet number numbers"
        " hemmelig har ikke ikkje telefon hemmelignr hemmelignummer"
        " hemligt hemlig inte hemligtnummer hemmeligt hemmeligtnummer"
        " salainen salainennumero ei puhelinta numeroa ole"
        " geheim geheimnummer kein keine keinen telefonanschluss"
        " liste rouge listerouge pas de telephone sans confidentiel geen telefoon nietinregister"
    )
)
"""Words that say, where no digit stands beside them, that somebody's number is not known."""


ANSWERS: Final[Mapping[str, set[str]]] = {
    "nothing": MISSING_WORDS,
    "yes": YES_WORDS,
    "no": NO_WORDS,
    "refusing": REFUSING_WORDS,
    "unbarred": UNBARRED_WORDS,
    "left": LEFT_WORDS,
    "stayed": STAYED_WORDS,
}


def learn_words(additions: Mapping[str, Iterable[str]]) -> None:
    """Add a house's own words to the process's dictionary, by the name of a heading or an answer.

    Raises:
        KeyError: there is no such name; nothing of the rest is left out for it.
    """
    for name, words in additions.items():
        if name in ANSWERS:
            ANSWERS[name].update(map(folded, words))
        elif name in HEADINGS:
            HEADINGS[name] = tuple(dict.fromkeys((*HEADINGS[name], *map(folded, words))))
    if unknown := additions.keys() - ANSWERS.keys() - HEADINGS.keys():
        raise KeyError(min(unknown))


def reads_as_yes(text: str) -> bool | None:
    """Say whether a word of an outcome means yes, that is: left; None where it cannot be told."""
    word = folded(text.strip().removesuffix(".0"))
    if word in YES_WORDS or word in LEFT_WORDS:
        return True
    return False if word in NO_WORDS or word in STAYED_WORDS else None
