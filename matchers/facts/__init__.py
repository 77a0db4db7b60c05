"""事实 — what several causes read of a feed: employment, lasting states, records, refusals."""
