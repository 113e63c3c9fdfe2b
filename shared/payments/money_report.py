"""What came in, went back and was kept by Stripe, month by month."""

import csv
import io
from datetime import datetime

from sqlalchemy import Connection, text

from shared.money import major_units
from shared.payments.money_schemas import MoneyOfMonth, MoneyQuery, MoneyReport
from shared.payments.settings_schemas import mode_of

LAST_MONTHS = 12
_COLUMNS = ("month", "mode", "currency", "payments", "captured", "refunds", "refunded", "fees")

# A payment counts in the month in which it was made, a refund in the one in which it was asked for.
_REPORT = text("""
    WITH wanted AS (SELECT CAST(:since || '-01' AS timestamp) AS since,
                           CAST(:until || '-01' AS timestamp) + interval '1 month' AS until),
    paid AS (
        SELECT c.* FROM "Checkout" c, wanted
        WHERE c."tenantId" = :tenant AND c.status = 'PAID' AND c."paidAt" >= since AND c."paidAt" < until),
    moved AS (
        SELECT "paidAt" AS at, livemode, currency, amount AS captured, NULL::int AS refunded, NULL::int AS fee
        FROM paid
        UNION ALL
        SELECT "paidAt", livemode, "feeCurrency", NULL, NULL, "feeAmount" FROM paid WHERE "feeAmount" > 0
        UNION ALL
        SELECT r."createdAt", c.livemode, c.currency, NULL, r.amount, NULL
        FROM wanted, "Refund" r
        JOIN "Payment" p ON p.id = r."paymentId" AND p."tenantId" = r."tenantId"
        JOIN "Checkout" c ON c.id = p."checkoutId" AND c."tenantId" = r."tenantId"
        WHERE r."tenantId" = :tenant AND r."externalId" IS NOT NULL AND r.status <> 'FAILED'
          AND r."createdAt" >= since AND r."createdAt" < until)
    SELECT to_char(at, 'YYYY-MM') AS month, livemode, currency, count(captured) AS payments,
           coalesce(sum(captured), 0) AS captured, count(refunded) AS refunds,
           coalesce(sum(refunded), 0) AS refunded, coalesce(sum(fee), 0) AS fees
    FROM moved GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")


def money_report(connection: Connection, tenant_id: int, query: MoneyQuery, now: datetime) -> MoneyReport:
    """The months of the query in which money moved."""
    until = query.until or f"{now:%Y-%m}"
    since = query.since or _months_before(until, LAST_MONTHS - 1)
    rows = connection.execute(_REPORT, {"tenant": tenant_id, "since": since, "until": until})
    return MoneyReport(
        months=[
            MoneyOfMonth(
                mode=mode_of(livemode=row.livemode),
                **{name: getattr(row, name) for name in _COLUMNS if name != "mode"},
            )
            for row in rows
        ]
    )


def report_csv(report: MoneyReport) -> str:
    """The same for a spreadsheet, with amounts in major units."""
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(_COLUMNS)
    for each in report.months:
        amounts = {
            name: major_units(getattr(each, name), each.currency) for name in ("captured", "refunded", "fees")
        }
        lines.writerow([amounts.get(name, getattr(each, name)) for name in _COLUMNS])
    return written.getvalue()


def _months_before(month: str, count: int) -> str:
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 - count, 12)
    return f"{year}-{number + 1:02}"
