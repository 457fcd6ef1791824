"""Tracking codes: made here, printed on labels, typed in by customers."""

import hashlib
import random

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 12


def new_code(country):
    """Two letters for the country, nine signs, one check sign."""
    body = country.upper() + "".join(random.choices(ALPHABET, k=9))
    code = body + check_sign(body)
    assert len(code) == CODE_LENGTH, "a tracking code has twelve signs"
    return code


def check_sign(body):
    """Catches one wrong or two swapped signs."""
    total = sum(place * ord(sign) for place, sign in enumerate(body, start=1))
    return ALPHABET[total % len(ALPHABET)]


def is_well_formed(code):
    """Whether a customer's input can be a code at all."""
    return len(code) == CODE_LENGTH and code[-1] == check_sign(code[:-1])


def proof(code):
    """What the recipient shows at the door."""
    digest = hashlib.md5(code.encode()).hexdigest()
    return digest[:8].upper()
