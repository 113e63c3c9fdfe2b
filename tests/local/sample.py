"""A small service of its own, so that these tests need nothing of the booking service."""

from pathlib import Path

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  JwtIssuer: {Type: String}
  JwtAudience: {Type: String}
  Notes: {Type: String}
Globals:
  Function:
    Handler: app.handler
    Timeout: 20
    Environment:
      Variables:
        GREETING: hello
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        Authorizers:
          Staff:
            IdentitySource: $request.header.Authorization
            JwtConfiguration: {issuer: !Ref JwtIssuer, audience: [!Ref JwtAudience]}
      CorsConfiguration:
        AllowOrigins: ["https://school.example"]
        AllowMethods: [GET, POST]
        AllowHeaders: [content-type]
        MaxAge: 60
  HttpFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/http
      MemorySize: 256
      Environment:
        Variables:
          BUCKET: !Ref Uploads
          KEY_ID: !Ref Key
      Events:
        Echo: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: ANY, Path: "/echo/{name}"}}
        Me: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: /me, Auth: {Authorizer: Staff}}}
        Say: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: POST, Path: /say}}
        Slow: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: POST, Path: /slow, TimeoutInMillis: 200}}
  ProbeFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/probe
  HastyFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/probe
      Timeout: 1
  BrokenFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/broken
  EditedFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/edited
  NoteFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/note
      Environment:
        Variables:
          NOTES: !Ref Notes
      Events:
        Messages:
          Type: SQS
          Properties:
            Queue: !GetAtt Inbox.Arn
            BatchSize: 10
            MaximumBatchingWindowInSeconds: 1
            FunctionResponseTypes: [ReportBatchItemFailures]
        Monthly:
          Type: ScheduleV2
          Properties: {ScheduleExpression: 'cron(0 0 1 * ? *)'}
        Daily:
          Type: Schedule
          Properties: {Schedule: rate(1 day), Input: '{"said": "daily"}'}
  Inbox:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 120
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 2}
  Dead:
    Type: AWS::SQS::Queue
  Key:
    Type: AWS::KMS::Key
    Properties: {KeyPolicy: {}}
  Uploads:
    Type: AWS::S3::Bucket
    Properties:
      NotificationConfiguration:
        QueueConfigurations:
          - Event: s3:ObjectCreated:*
            Queue: !GetAtt Inbox.Arn
            Filter: {S3Key: {Rules: [{Name: prefix, Value: in/}]}}
"""

HTTP = """
import json, time

def handler(event, context):
    if event["rawPath"] == "/say":
        return json.loads(event["body"])
    if event["rawPath"] == "/slow":
        time.sleep(2)
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(event)}
"""

PROBE = """
import os, time
from pathlib import Path

def handler(event, context):
    match event["do"]:
        case "environment":
            return dict(os.environ)
        case "context":
            return {
                "name": context.function_name,
                "arn": context.invoked_function_arn,
                "memory": context.memory_limit_in_mb,
                "left": context.get_remaining_time_in_millis(),
                "id": context.aws_request_id,
            }
        case "raise":
            raise ValueError("no such school")
        case "exit":
            os._exit(3)
        case "sleep":
            time.sleep(60)
        case "set":
            return {1, 2}
        case "large":
            return "x" * 7_000_000
        case "process":
            return os.getpid()
        case "meet":
            meeting = Path(event["folder"])
            (meeting / str(os.getpid())).touch()
            while len(list(meeting.iterdir())) < event["people"]:
                time.sleep(0.01)
            return os.getpid()
"""

BROKEN = "import there_is_no_such_module\n"

NOTE = """
import json, os
from pathlib import Path

def handler(event, context):
    with Path(os.environ["NOTES"]).open("a") as notes:
        notes.write(json.dumps(event) + "\\\\n")
    failed = [record["messageId"] for record in event.get("Records", []) if record["body"] == "bad"]
    return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}
""".replace("\\\\", "\\")


def write_sample(root: Path) -> None:
    notes = root / "notes.jsonl"
    notes.touch()
    template = TEMPLATE.replace("Notes: {Type: String}", f"Notes: {{Type: String, Default: {notes}}}")
    (root / "template.yaml").write_text(template)
    for name, code in {
        "http": HTTP,
        "probe": PROBE,
        "broken": BROKEN,
        "edited": BROKEN,
        "note": NOTE,
    }.items():
        folder = root / "functions" / name
        folder.mkdir(parents=True)
        (folder / "app.py").write_text(code)
