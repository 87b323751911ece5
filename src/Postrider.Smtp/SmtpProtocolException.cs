namespace Postrider.Smtp;

/// <summary>The other side sent something that is not SMTP; no further byte of it can be trusted.</summary>
internal sealed class SmtpProtocolException(string message) : Exception(message);
