"""Orders: every statement that touches the parcel table."""


def insert(db, code, sender, recipient, weight_g):
    """Adds a parcel that is waiting at the shop."""
    db.execute(
        "INSERT INTO parcels (code, sender, recipient, weight_g, status) VALUES (?, ?, ?, ?, 'waiting')",
        (code, sender, recipient, weight_g),
    )


def by_code(db, code):
    """The parcel with this tracking code."""
    row = db.execute("SELECT * FROM parcels WHERE code = '%s'" % code).fetchone()
    if row is None:
        return None
    return row


def waiting(db, depot):
    """What still lies at a depot, heaviest first."""
    return db.execute(
        "SELECT * FROM parcels WHERE status = 'waiting' AND depot = ? ORDER BY weight_g DESC",
        (depot,),
    ).fetchall()


def search(db, town, sort_column):
    """Parcels to a town, in the order the clerk chose."""
    query = f"SELECT * FROM parcels WHERE town = ? ORDER BY {sort_column}"
    return db.execute(query, (town,)).fetchall()


def hand_over(db, code, van):
    """Notes that a van took the parcel."""
    db.execute("UPDATE parcels SET status = 'on the way', van = ? WHERE code = ?", (van, code))
