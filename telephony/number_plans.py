"""Numbering plans compiled once: what phonenumbers says of a plainly written number, many times faster.

phonenumbers decides each question anew: it finds the country again for every kind it is asked for. Here
its own metadata is compiled country by country, and one pass gives digits, country and kind. What is not
plainly written, or is not valid as written, is not answered here; phonenumbers is asked as before. A
property test holds every answer to be phonenumbers' own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberType

#: characters that part digits and say nothing; other marks, and digits of other scripts, are phonenumbers'
PARTING: Final = str.maketrans("", "", " -().\u00a0")
CACHE_SIZE: Final = 65_536  # numbers; an import meets each more than once
LONGEST_CODE: Final = 3  # digits of a country code
#: the order in which phonenumbers asks; fixed and mobile come after these
_ASKED: Final = (
    ("premium_rate", PhoneNumberType.PREMIUM_RATE),
    ("toll_free", PhoneNumberType.TOLL_FREE),
    ("shared_cost", PhoneNumberType.SHARED_COST),
    ("voip", PhoneNumberType.VOIP),
    ("personal_number", PhoneNumberType.PERSONAL_NUMBER),
    ("pager", PhoneNumberType.PAGER),
    ("uan", PhoneNumberType.UAN),
    ("voicemail", PhoneNumberType.VOICEMAIL),
)
NO_SORTS: Final[tuple[re.Pattern[str], tuple[int, ...]]] = (re.compile(r"(?!)"), ())  # which nothing is


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPlan:
    """One country's plan."""

    region: str  # ISO 3166
    code: str  # the country code's digits
    general: str  # a pattern that every number of the plan has, and some that nobody has
    lengths: frozenset[int]
    trunk: str  # digits before a national number at home, such as 0; empty where there are none
    abroad: re.Pattern[str] | None  # what comes before a country code at home, such as 00
    prefix: str | None  # a pattern of what stands before a national number when it is read
    rewrites: bool  # that prefix says more than that it is to be left out
    leading: str | None  # a pattern of how a country that shares its code is told from the others
    #: by length: the patterns of its kinds (phonenumbers' words), in the order in which phonenumbers asks
    shapes: Mapping[int, tuple[tuple[str, int], ...]]
    _prefix: re.Pattern[str] | None
    _general: re.Pattern[str]
    _sorts: Mapping[int, tuple[re.Pattern[str], tuple[int, ...]]]  # by length: one group a kind, in order
    _mobile: Mapping[int, re.Pattern[str]]  # by length, to look at after a landline was found
    _leading: re.Pattern[str] | None

    def kind_of(self, national: str) -> int:
        """The word of phonenumbers for what sort of line this national number is."""
        pattern, kinds = self._sorts.get(len(national), NO_SORTS)
        if len(national) not in self.lengths or self._general.fullmatch(national) is None:
            return int(PhoneNumberType.UNKNOWN)
        found = pattern.fullmatch(national)
        if found is None or found.lastindex is None:
            return int(PhoneNumberType.UNKNOWN)
        kind = kinds[found.lastindex - 1]
        mobile = self._mobile.get(len(national)) if kind == PhoneNumberType.FIXED_LINE else None
        if mobile is not None and mobile.fullmatch(national) is not None:
            return int(PhoneNumberType.FIXED_LINE_OR_MOBILE)
        return kind

    @property
    def is_told_by_start(self) -> bool:
        """Whether a number's first digits say that it is this country's, though nobody may have it."""
        return self._leading is not None

    def may_own(self, national: str) -> bool:
        """Whether a number under a shared country code may be this country's."""
        return self._leading is None or self._leading.match(national) is not None

    def without_prefix(self, national: str) -> str | None:
        """The number without what is dialled before it; None where phonenumbers has to say."""
        found = self._prefix.match(national) if self._prefix is not None else None
        if found is None or not found.end():
            return national
        if self.rewrites and found[found.re.groups] is not None:
            return None
        bare = national[found.end() :]
        if self._general.fullmatch(bare) is not None and len(bare) in self.lengths:
            return bare
        return None


@dataclass(frozen=True, slots=True)
class PlainNumber:
    """A number that its plan knows: digits with the country code, its country, phonenumbers' kind."""

    digits: str
    code: str  # the country code, the first of the digits
    region: str  # ISO 3166
    kind: int  # phonenumbers.PhoneNumberType


def plain_number(text: str, region: str | None) -> PlainNumber | None:
    """The number that a plainly written text says, if it is valid; None: ask phonenumbers."""
    bare = text.translate(PARTING)
    if bare.startswith("+"):
        return _from_abroad(bare[1:])
    if region is None or not bare.isascii() or not bare.isdecimal():
        return None
    plan = plan_of(region)
    if plan is None or plan.abroad is None:
        return None
    abroad = plan.abroad.match(bare)
    if abroad is not None:
        return _from_abroad(bare[abroad.end() :])
    if bare.startswith(plan.code):
        return None  # at home or with the country code: phonenumbers weighs both
    national = plan.without_prefix(bare)
    return known_number(plan.code + national) if national and len(national) in plan.lengths else None


def _from_abroad(digits: str) -> PlainNumber | None:
    """A number with its country code, as people write it; they may put the trunk's digits behind that."""
    if not digits.isascii() or not digits.isdecimal():
        return None
    code, plans = plans_for(digits)
    national = digits[len(code) :]
    return known_number(digits) if plans and plans[0].without_prefix(national) == national else None


@lru_cache(maxsize=CACHE_SIZE)
def known_number(digits: str) -> PlainNumber | None:
    """What its plan says of a number with its country code; None where no plan knows it."""
    code, plans = plans_for(digits)
    national = digits[len(code) :]
    if not plans or len(national) not in plans[0].lengths:
        return None
    for plan in plans:
        if len(plans) > 1 and not plan.may_own(national):
            continue
        kind = plan.kind_of(national)
        if kind != PhoneNumberType.UNKNOWN:
            return PlainNumber(digits, code, plan.region, kind)
        if plan.is_told_by_start:
            return None
    return None


def plans_for(digits: str) -> tuple[str, tuple[NumberPlan, ...]]:
    """The country code that a number begins with, and the plans that share it, the main country first."""
    for length in range(1, LONGEST_CODE + 1):
        plans = _plans_of_code(digits[:length])
        if plans:
            return digits[:length], plans
    return "", ()


@cache
def _plans_of_code(code: str) -> tuple[NumberPlan, ...]:
    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(code), ()) if code.isdecimal() and code[0] != "0" else ()
    return tuple(plan for region in regions if (plan := plan_of(region)) is not None)


@cache
def plan_of(region: str) -> NumberPlan | None:
    """A country's plan (ISO 3166); None where there is none, as of numbers that belong to no country."""
    found: Any = PhoneMetadata.metadata_for_region(region, None)
    if found is None:
        return None
    general = found.general_desc
    lengths = frozenset(length for length in general.possible_length if length > 0)
    shapes = {length: _shapes_of(found, length) for length in lengths}
    return NumberPlan(
        region=region,
        code=str(found.country_code),
        general=general.national_number_pattern,
        lengths=lengths,
        trunk=found.national_prefix or "",
        abroad=re.compile(found.international_prefix) if found.international_prefix else None,
        prefix=found.national_prefix_for_parsing or None,
        rewrites=bool(found.national_prefix_transform_rule),
        leading=found.leading_digits or None,
        shapes=shapes,
        _prefix=re.compile(found.national_prefix_for_parsing) if found.national_prefix_for_parsing else None,
        _general=re.compile(general.national_number_pattern),
        _sorts={length: _sorts_of(shapes[length]) for length in lengths},
        _mobile={
            length: re.compile(found.mobile.national_number_pattern)
            for length in lengths
            if _may_be(found.mobile, length)
        },
        _leading=re.compile(found.leading_digits) if found.leading_digits else None,
    )


def _shapes_of(found: Any, length: int) -> tuple[tuple[str, int], ...]:
    """The patterns of all kinds that have this length, in the order in which phonenumbers asks."""
    fixed = "FIXED_LINE_OR_MOBILE" if found.same_mobile_and_fixed_line_pattern else "FIXED_LINE"
    asked = [*_ASKED, ("fixed_line", getattr(PhoneNumberType, fixed))]
    if not found.same_mobile_and_fixed_line_pattern:
        asked.append(("mobile", PhoneNumberType.MOBILE))
    return tuple(
        (shape.national_number_pattern, int(kind))
        for name, kind in asked
        if _may_be(shape := getattr(found, name), length)
    )


def _sorts_of(shapes: tuple[tuple[str, int], ...]) -> tuple[re.Pattern[str], tuple[int, ...]]:
    """One pattern for all kinds of one length, a group each."""
    if not shapes:
        return NO_SORTS
    return re.compile("|".join(f"({pattern})" for pattern, _ in shapes)), tuple(kind for _, kind in shapes)


def _may_be(shape: Any, length: int) -> bool:
    """Whether numbers of this sort can have this length; no lengths at all stand for any."""
    if shape is None or not shape.national_number_pattern:
        return False
    return not shape.possible_length or length in shape.possible_length
