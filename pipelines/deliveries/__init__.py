"""报送批次 — a delivery becomes an accepted extract, its rejects and a judgement on the whole."""

from pipelines.deliveries.accept import Accepted, accept
from pipelines.deliveries.ledger import Delivery, deliveries
from pipelines.deliveries.usage import InUse, in_use, standing, used_of

__all__ = ["Accepted", "Delivery", "InUse", "accept", "deliveries", "in_use", "standing", "used_of"]
