-- On which night the candidate stood as it was when people judged its facts; null where that was not kept.
ALTER TABLE judged_fact ADD COLUMN seen_as_of DATE;
