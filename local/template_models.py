"""What this run drives of each resource, and which properties it may leave aside.

A property that is in neither list is refused: it might change what happens, and here it would not.
"""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal


class Properties(BaseModel):
    """Of a resource or event, with CloudFormation's spelling as alias."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_pascal,
        populate_by_name=True,
        coerce_numbers_to_str=True,
    )
    without_effect_here: ClassVar[frozenset[str]] = frozenset()


class Environment(Properties):
    variables: dict[str, str] = {}


class Function(Properties):
    """Timeout in seconds, memory in MB (told to the function, not enforced)."""

    without_effect_here = frozenset(
        {
            "Architectures", "AutoPublishAlias", "Description", "DeploymentPreference", "Events",
            "EphemeralStorage", "KmsKeyArn", "Layers", "LoggingConfig", "PermissionsBoundary", "Policies",
            "ProvisionedConcurrencyConfig", "Role", "Runtime", "SnapStart", "Tags", "Tracing", "VpcConfig",
        }
    )  # fmt: skip

    code_uri: str
    handler: str = Field(pattern=r"^\w+\.\w+$")
    memory_size: int = 128
    timeout: int = 3
    environment: Environment = Environment()
    reserved_concurrent_executions: int | None = None


class RouteAuth(Properties):
    authorizer: str | None = None
    authorization_scopes: list[str] = []


class HttpApiEvent(Properties):
    """A route; the integration timeout is in milliseconds."""

    api_id: str
    method: str
    path: str = Field(pattern=r"^(/|\$default$)")
    auth: RouteAuth = RouteAuth()
    payload_format_version: Literal["2.0"] = "2.0"
    timeout_in_millis: int = 30_000


class JwtConfiguration(Properties):
    issuer: str = Field(alias="issuer")
    audience: list[str] = Field(alias="audience")


class JwtAuthorizer(Properties):
    identity_source: Literal["$request.header.Authorization"]
    jwt_configuration: JwtConfiguration


class ApiAuth(Properties):
    authorizers: dict[str, JwtAuthorizer] = {}
    default_authorizer: str | None = None


class Cors(Properties):
    """Max age in seconds."""

    allow_origins: list[str] = []
    allow_methods: list[str] = []
    allow_headers: list[str] = []
    expose_headers: list[str] = []
    allow_credentials: bool = False
    max_age: int | None = None


class HttpApi(Properties):
    # Throttling is one of these: a run for one person answers as fast as it can.
    without_effect_here = frozenset(
        {
            "AccessLogSettings", "DefaultRouteSettings", "Description", "DisableExecuteApiEndpoint", "Domain",
            "FailOnWarnings", "Name", "PropagateTags", "RouteSettings", "Tags",
        }
    )  # fmt: skip

    stage_name: Literal["$default"] = "$default"
    auth: ApiAuth = ApiAuth()
    cors_configuration: Cors | None = None


class ScheduleV2Event(Properties):
    without_effect_here = frozenset(
        {
            "DeadLetterConfig", "Description", "FlexibleTimeWindow", "Name", "OmitName",
            "PermissionsBoundary", "RetryPolicy", "RoleArn",
        }
    )  # fmt: skip

    schedule_expression: str
    schedule_expression_timezone: str = "UTC"
    input: str | None = None
    state: Literal["ENABLED", "DISABLED"] = "ENABLED"


class ScheduleEvent(Properties):
    without_effect_here = frozenset({"DeadLetterConfig", "Description", "Name", "RetryPolicy"})

    schedule: str
    input: str | None = None
    enabled: bool = True


class ScalingConfig(Properties):
    maximum_concurrency: int


class SqsEvent(Properties):
    """The batching window is in seconds."""

    queue: str
    batch_size: int = 10
    enabled: bool = True
    function_response_types: list[Literal["ReportBatchItemFailures"]] = []
    maximum_batching_window_in_seconds: int = 0
    scaling_config: ScalingConfig | None = None


class RedrivePolicy(Properties):
    dead_letter_target_arn: str = Field(alias="deadLetterTargetArn")
    max_receive_count: int = Field(alias="maxReceiveCount")


class Queue(Properties):
    """Times in seconds."""

    without_effect_here = frozenset(
        {
            "KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "RedriveAllowPolicy", "SqsManagedSseEnabled",
            "Tags",
        }
    )  # fmt: skip

    queue_name: str | None = None
    visibility_timeout: int = 30
    message_retention_period: int = 345_600
    delay_seconds: int = 0
    receive_message_wait_time_seconds: int = 0
    redrive_policy: RedrivePolicy | None = None


class KeyRule(Properties):
    name: Literal["prefix", "suffix"]
    value: str


class KeyFilter(Properties):
    rules: list[KeyRule] = []


class NotificationFilter(Properties):
    s3_key: KeyFilter = Field(alias="S3Key")


class QueueNotification(Properties):
    event: str
    queue: str
    filter: NotificationFilter | None = None


class Notifications(Properties):
    queue_configurations: list[QueueNotification] = []


class CorsRule(Properties):
    without_effect_here = frozenset({"Id"})

    allowed_methods: list[str]
    allowed_origins: list[str]
    allowed_headers: list[str] = []
    exposed_headers: list[str] = []
    max_age: int | None = None


class BucketCors(Properties):
    cors_rules: list[CorsRule] = []


class Versioning(Properties):
    status: Literal["Enabled", "Suspended"]


class DefaultRetention(Properties):
    mode: Literal["COMPLIANCE", "GOVERNANCE"]
    days: int | None = None
    years: int | None = None


class ObjectLockRule(Properties):
    default_retention: DefaultRetention


class ObjectLock(Properties):
    object_lock_enabled: Literal["Enabled"]
    rule: ObjectLockRule | None = None


class Bucket(Properties):
    """Object Lock is switched on when wanted."""

    without_effect_here = frozenset(
        {
            "BucketEncryption", "InventoryConfigurations", "LifecycleConfiguration", "LoggingConfiguration",
            "MetricsConfigurations", "OwnershipControls", "PublicAccessBlockConfiguration",
            "ReplicationConfiguration", "Tags",
        }
    )  # fmt: skip

    bucket_name: str | None = None
    cors_configuration: BucketCors | None = None
    notification_configuration: Notifications = Notifications()
    versioning_configuration: Versioning | None = None
    object_lock_enabled: bool = False
    object_lock_configuration: ObjectLock | None = None


class Key(Properties):
    """A symmetric key of KMS."""

    without_effect_here = frozenset(
        {"Description", "Enabled", "EnableKeyRotation", "KeyPolicy", "PendingWindowInDays", "Tags"}
        | {"RotationPeriodInDays", "MultiRegion"}
    )

    key_spec: Literal["SYMMETRIC_DEFAULT"] = "SYMMETRIC_DEFAULT"
    key_usage: Literal["ENCRYPT_DECRYPT"] = "ENCRYPT_DECRYPT"
