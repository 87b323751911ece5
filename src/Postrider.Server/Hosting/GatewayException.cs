namespace Postrider.Server;

/// <summary>The gateway cannot start as it was told to; the message says what to write instead.</summary>
public class GatewayException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>An option or setting is not what it must be: trying again without changing it is of no use.</summary>
public sealed class GatewayUsageException(string message, Exception? inner = null) : GatewayException(message, inner);
