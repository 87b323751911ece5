using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Postrider.Server.Console.People;

/// <summary>A secret of 256 bits that a browser carries. The database keeps its hash alone.</summary>
internal static class Token
{
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
