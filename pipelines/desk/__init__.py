"""工作台 — where people meet the nights: look at, hand out, decide and follow candidates in a browser.

Every page is plain GET and POST without script. **A page is added by three things**:

1. ``pages/<page>.py``: a function of ``Visit`` that returns an answer (``rendering.page`` or ``go``). It
   reads and writes by ``visit.engine`` alone, which on PostgreSQL shows only the account's districts; beside
   that each statement has ``scope.condition(visit.account, <district column>)``. It raises
   ``visit.missing()`` for what is not there or another district's, ``Refused`` for what may not be; a
   ``CrossmatchError`` becomes a page too, but where somebody has typed, the page shows it again with the
   error. What is viewed, shown, decided or downloaded is one ``audit.record`` in the transaction of the act.
2. ``templates/<page>.html.j2``, which extends ``layout.html.j2`` and takes its fields from ``forms.html.j2``
   (tables: ``parts.html.j2`` of the night's page). Every form has ``f.csrf(visit)``. No ``style=``, no
   script, no person in an address or a title.
3. One line in ``routes.ROUTES``: address, methods, handler, the roles that may, ``scope=Scope.CASE`` where
   ``{candidate_id}`` is in the address and ``Scope.CITY`` where the whole city is decided about, ``menu``
   where it is in the menu, ``bytes`` where files are sent.

The tests walk the table, so a new line is tried with every role and every district from then on.
"""
