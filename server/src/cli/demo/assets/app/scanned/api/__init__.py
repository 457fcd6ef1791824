"""The parcel shop's HTTP API."""
