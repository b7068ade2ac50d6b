-- What was fetched from a pull box and not acknowledged comes again: it keeps the time of its lease.
CREATE INDEX delivery_unacknowledged ON delivery (agency, priority DESC, position)
    WHERE route = 'pull' AND open = 1 AND state = 'arrived' AND leased_until IS NOT NULL;
