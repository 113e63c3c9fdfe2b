"""Cal.com's enums, as its database has them."""

from shared.models.base import enum

BOOKING_STATUS = enum("BookingStatus", "cancelled", "accepted", "rejected", "pending", "awaiting_host")
CREATION_SOURCE = enum("CreationSource", "api_v1", "api_v2", "webapp")
IDENTITY_PROVIDER = enum("IdentityProvider", "CAL", "GOOGLE", "SAML")
PAYMENT_OPTION = enum("PaymentOption", "ON_BOOKING", "HOLD")
PERIOD_TYPE = enum("PeriodType", "unlimited", "rolling", "range", "rolling_window")
SMS_LOCK_STATE = enum("SMSLockState", "LOCKED", "UNLOCKED", "REVIEW_NEEDED")
SCHEDULING_TYPE = enum("SchedulingType", "roundRobin", "collective", "managed")
USER_PERMISSION_ROLE = enum("UserPermissionRole", "USER", "ADMIN")
