"""Numbering plans compiled once: what phonenumbers says of a plainly written number, many times faster.

phonenumbers decides each question anew: it finds the country again for every kind it is asked for. Here
its own metadata is compiled country by country, and one pass gives digits, country and kind. What is not
plainly written, or is not valid as written, is not answered here; phonenumbers is asked as before. A
property test holds every answer to be phonenumbers' own.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberType

#: characters that part digits and say nothing; other marks, and digits of other scripts, are phonenumbers'
PARTING: Final = str.maketrans("", "", " -().\u00a0")
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


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a number of one sort looks like: its lengths (none: any), then its digits."""

    digits: re.Pattern[str]
    lengths: frozenset[int]

    def fits(self, national: str) -> bool:
        return (not self.lengths or len(national) in self.lengths) and self.digits.fullmatch(
            national
        ) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPlan:
    """One country's plan."""

    region: str  # ISO 3166
    code: str  # the country code's digits
    general: str  # a pattern that every number of the plan has, and some that nobody has
    lengths: frozenset[int]
    trunk: str  # digits before a national number at home, such as 0; empty where there are none
    abroad: re.Pattern[str] | None  # what comes before a country code at home, such as 00
    _prefix: re.Pattern[str] | None  # what stands before a national number when it is read
    _rewrites: bool  # that prefix says more than that it is to be left out
    _general: _Shape
    _sorts: tuple[tuple[_Shape, int], ...]
    _fixed: _Shape | None
    _mobile: _Shape | None
    _one_pattern: bool  # fixed and mobile cannot be told apart
    _leading: re.Pattern[str] | None  # how a country that shares its code is told from the others

    def kind_of(self, national: str) -> int:
        """The word of phonenumbers for what sort of line this national number is."""
        if not self._general.fits(national):
            return int(PhoneNumberType.UNKNOWN)
        for shape, kind in self._sorts:
            if shape.fits(national):
                return kind
        mobile = self._mobile is not None and self._mobile.fits(national)
        if self._fixed is not None and self._fixed.fits(national):
            both = self._one_pattern or mobile
            return int(PhoneNumberType.FIXED_LINE_OR_MOBILE if both else PhoneNumberType.FIXED_LINE)
        return int(PhoneNumberType.MOBILE if mobile and not self._one_pattern else PhoneNumberType.UNKNOWN)

    def owns(self, national: str) -> bool:
        """Whether a number under a shared country code is this country's."""
        if self._leading is not None:
            return self._leading.match(national) is not None
        return self.kind_of(national) != PhoneNumberType.UNKNOWN

    def without_prefix(self, national: str) -> str | None:
        """The number without what is dialled before it; None where phonenumbers has to say."""
        found = self._prefix.match(national) if self._prefix is not None else None
        if found is None or not found.end():
            return national
        if self._rewrites and found[found.re.groups] is not None:
            return None
        bare = national[found.end() :]
        if self._general.digits.fullmatch(bare) is not None and len(bare) in self.lengths:
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
        return known_number(bare[1:], as_written=True)
    if region is None or not bare.isascii() or not bare.isdecimal():
        return None
    plan = plan_of(region)
    if plan is None or plan.abroad is None:
        return None
    abroad = plan.abroad.match(bare)
    if abroad is not None:
        return known_number(bare[abroad.end() :], as_written=True)
    if bare.startswith(plan.code):
        return None  # at home or with the country code: phonenumbers weighs both
    national = plan.without_prefix(bare)
    return _known(plan.code, national, plan) if national is not None else None


@cache
def _plans_of_code(code: str) -> tuple[NumberPlan, ...]:
    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(code), ()) if code and code[0] != "0" else ()
    return tuple(plan for region in regions if (plan := plan_of(region)) is not None)


def known_number(digits: str, *, as_written: bool = False) -> PlainNumber | None:
    """What its plan says of a number with its country code; None where no plan knows it.

    `as_written`: by people, who may put the trunk's digits between code and number; then None: ask
    phonenumbers.
    """
    if not digits.isascii() or not digits.isdecimal():
        return None
    for length in range(1, LONGEST_CODE + 1):
        plans = _plans_of_code(digits[:length])
        if plans:
            national = digits[length:]
            if as_written and plans[0].without_prefix(national) != national:
                return None
            return _known(digits[:length], national)
    return None


def _known(code: str, national: str, home: NumberPlan | None = None) -> PlainNumber | None:
    plans = _plans_of_code(code)
    if home is not None and len(national) not in home.lengths:
        return None
    plan = plans[0] if len(plans) == 1 else next((each for each in plans if each.owns(national)), None)
    if plan is None or len(national) not in plans[0].lengths:
        return None
    kind = plan.kind_of(national)
    if kind == PhoneNumberType.UNKNOWN:
        return None
    return PlainNumber(code + national, code, plan.region, kind)


@cache
def plan_of(region: str) -> NumberPlan | None:
    """A country's plan (ISO 3166); None where there is none, as of numbers that belong to no country."""
    found: Any = PhoneMetadata.metadata_for_region(region, None)
    if found is None:
        return None
    general = _shape(found.general_desc)
    if general is None:
        return None
    return NumberPlan(
        region=region,
        code=str(found.country_code),
        general=found.general_desc.national_number_pattern,
        lengths=general.lengths,
        trunk=found.national_prefix or "",
        abroad=re.compile(found.international_prefix) if found.international_prefix else None,
        _prefix=re.compile(found.national_prefix_for_parsing) if found.national_prefix_for_parsing else None,
        _rewrites=bool(found.national_prefix_transform_rule),
        _general=general,
        _sorts=tuple(
            (shape, int(kind)) for name, kind in _ASKED if (shape := _shape(getattr(found, name))) is not None
        ),
        _fixed=_shape(found.fixed_line),
        _mobile=_shape(found.mobile),
        _one_pattern=bool(found.same_mobile_and_fixed_line_pattern),
        _leading=re.compile(found.leading_digits) if found.leading_digits else None,
    )


def _shape(description: Any) -> _Shape | None:
    if description is None or not description.national_number_pattern:
        return None
    return _Shape(
        re.compile(description.national_number_pattern),
        frozenset(length for length in description.possible_length if length > 0),
    )
