"""Mail leaves by SES."""

from email.message import EmailMessage
from functools import cached_property
from typing import TYPE_CHECKING

from shared.errors import Problem

if TYPE_CHECKING:
    from mypy_boto3_ses import SESClient

CONNECT_SECONDS = 2
READ_SECONDS = 5


class MailNotSent(Problem):
    """`detail` is the code that SES or the network gave."""

    status, code, title = 502, "mail_not_sent", "The mail was not taken"


class MailClient:
    """Sends in the name of `sender`, the verified address; one attempt a call, since the caller tries again.

    Where SES is found, AWS_ENDPOINT_URL may say.
    """

    def __init__(self, sender: str) -> None:
        self._sender = sender

    def send(self, message: EmailMessage) -> None:
        """Hand `message` to SES for the addresses of its `To`. Raises MailNotSent."""
        from botocore.exceptions import BotoCoreError, ClientError

        to = [address.addr_spec for address in message["To"].addresses]
        try:
            self._ses.send_raw_email(
                Source=self._sender, Destinations=to, RawMessage={"Data": message.as_bytes()}
            )
        except ClientError as error:
            raise MailNotSent(error.response["Error"]["Code"]) from None
        except BotoCoreError as error:
            raise MailNotSent(type(error).__name__) from None

    @cached_property
    def _ses(self) -> "SESClient":
        # Most minutes have nothing to send.
        import boto3
        from botocore.config import Config

        limits = Config(
            connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"total_max_attempts": 1}
        )
        return boto3.session.Session().client("ses", config=limits)
