"""第二因素 — one-time codes (TOTP, RFC 6238); a code opens the desk once."""

import pyotp

from pipelines.base import clock

ISSUER = "失业保险比对"
SKEW_STEPS = 1


def new_secret() -> str:
    """A secret of 160 bits, base32."""
    return pyotp.random_base32()


def uri(secret: str, account: str) -> str:
    """What an authenticator takes the secret from."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)


def step_of(secret: str, code: str, last: int | None) -> int | None:
    """The 30-second step that ``code`` is right for, one either way; None where it is wrong or used up.

    ``last``: the step of the code that was accepted last.
    """
    generator = pyotp.TOTP(secret)
    now = generator.timecode(clock.instant())
    digits = code.strip().replace(" ", "")
    steps = (now + skew for skew in range(-SKEW_STEPS, SKEW_STEPS + 1))
    right = (step for step in steps if pyotp.utils.strings_equal(digits, generator.generate_otp(step)))
    return next((step for step in right if last is None or step > last), None)
