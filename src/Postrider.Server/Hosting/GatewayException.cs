namespace Postrider.Server;

/// <summary>The gateway cannot start as it was told to; the message says what to write instead.</summary>
public sealed class GatewayException(string message, Exception? inner = null) : Exception(message, inner);
