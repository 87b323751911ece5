using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Postrider.Client;

/// <summary>How the wire records are written: camelCase, and nothing for what is not set.
/// Members that a newer gateway adds are passed over.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(SendMessage))]
[JsonSerializable(typeof(MessageAccepted))]
[JsonSerializable(typeof(MessageDetail))]
[JsonSerializable(typeof(MessagesChanged))]
[JsonSerializable(typeof(Page<MessageSummary>))]
[JsonSerializable(typeof(ClientInput))]
[JsonSerializable(typeof(ClientChange))]
[JsonSerializable(typeof(ClientRotation))]
[JsonSerializable(typeof(ClientView))]
[JsonSerializable(typeof(ClientCreated))]
[JsonSerializable(typeof(Page<ClientView>))]
[JsonSerializable(typeof(KeyInput))]
[JsonSerializable(typeof(KeyCreated))]
[JsonSerializable(typeof(Page<KeyView>))]
[JsonSerializable(typeof(QueueView))]
[JsonSerializable(typeof(HoldView))]
[JsonSerializable(typeof(RouteQuestion))]
[JsonSerializable(typeof(RouteAnswer))]
[JsonSerializable(typeof(ConsoleLinkQuestion))]
[JsonSerializable(typeof(ConsoleLink))]
[JsonSerializable(typeof(Page<AuditView>))]
[JsonSerializable(typeof(AuditVerification))]
[JsonSerializable(typeof(ProviderImportRequest))]
[JsonSerializable(typeof(ProviderImportResult))]
[JsonSerializable(typeof(AlertView))]
[JsonSerializable(typeof(Page<AlertView>))]
[JsonSerializable(typeof(AlertMailSettings))]
[JsonSerializable(typeof(Page<EventView>))]
[JsonSerializable(typeof(SecretsView))]
[JsonSerializable(typeof(WebhookInput))]
[JsonSerializable(typeof(WebhookCreated))]
[JsonSerializable(typeof(WebhookView))]
[JsonSerializable(typeof(Page<WebhookView>))]
[JsonSerializable(typeof(WebhookDeliveryView))]
[JsonSerializable(typeof(Page<WebhookDeliveryView>))]
[JsonSerializable(typeof(Page<FailureView>))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(Page<JsonObject>))]
public sealed partial class PostriderJson : JsonSerializerContext;
