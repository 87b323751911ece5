using Postrider.Server.Console.Ui;

namespace Postrider.Tests.Console;

public sealed class WordsTests
{
    [Theory]
    [InlineData("Set security to startTls on port 587, or tls on port 465.", "Set security to STARTTLS on port 587, or TLS on port 465.")]
    [InlineData("Write security \"tls\", or port 587 with \"startTls\".", "Write security \"TLS\", or port 587 with \"STARTTLS\".")]
    [InlineData("Where the provider allows more, raise limits.recipientsPerDay.", "Where the provider allows more, raise Recipients in 24 hours.")]
    [InlineData("or write authorizeUrl and tokenUrl.", "or write Authorize URL and Token URL.")]
    [InlineData("postrider provider set x --tls y.tls https://tls/clientSecret?userName=z tls@example.org", "postrider provider set x --tls y.tls https://tls/clientSecret?userName=z tls@example.org")]
    public void Names_of_the_interface_become_the_names_of_fields_and_nothing_else_changes(string told, string shown) => Assert.Equal(shown, Words.OnScreen(told));
}
