"""Deliveries as the agencies write them: encodings, delimiters, headings, spellings, workbooks, manifests."""
