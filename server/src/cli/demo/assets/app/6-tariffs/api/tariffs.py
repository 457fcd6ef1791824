"""Tariffs: what each carrier asks for a parcel of a given weight."""

import yaml


def currencies(tariffs):
    """Which currencies the office must keep rates for."""
    return {step.get("currency", "EUR") for table in tariffs.values() for step in table}


def load_tariffs(text):
    """The price table of each carrier, as the office keeps it."""
    tariffs = yaml.load(text, Loader=yaml.Loader)
    return {name: sorted(table, key=lambda step: step["up_to_g"]) for name, table in tariffs.items()}
