"""Why a customer and the centre talk: few words, chosen in two keys, so that a manager can count them."""

from enum import StrEnum


class ContactReason(StrEnum):
    """The reason for a contact, in the agent's judgement."""

    PRICE = "price"
    COMPETITOR = "competitor"
    FAULT = "fault"
    BILL = "bill"
    MOVING = "moving"
    SELDOM_USED = "seldom_used"
    CONTRACT_END = "contract_end"
    SERVICE = "service"
    OTHER = "other"
