using System.Security.Claims;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.People;

/// <summary>What a person may do in the console.</summary>
internal enum Right
{
    /// <summary>See everything but bodies and secrets.</summary>
    Look,

    /// <summary>Retry, cancel, pause, test and connect; read a message's body, which the audit notes.</summary>
    Operate,

    /// <summary>Change providers, credentials, people and settings.</summary>
    Own,
}

/// <summary>The roles, and the one table of what each may do.</summary>
internal static class Role
{
    public const string Owner = "owner", Operator = "operator", Viewer = "viewer";

    public static readonly IReadOnlyList<string> All = [Owner, Operator, Viewer];

    public static bool May(string role, Right right) => role switch
    {
        Owner => true,
        Operator => right is Right.Look or Right.Operate,
        Viewer => right is Right.Look,
        _ => false,
    };

    public static bool May(this ClaimsPrincipal person, Right right) => May(person.FindFirstValue(ClaimTypes.Role) ?? "", right);

    public static string InWords(string role) => role switch
    {
        Owner => T["everything, including providers, secrets and people"],
        Operator => T["retry, cancel, pause, test and reconnect; no secrets, no people"],
        _ => T["look, without messages' bodies"],
    };
}

/// <summary>Says what a page, or one of its acts, needs. An act that says nothing is for owners.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class NeedsAttribute(Right right) : Attribute
{
    public Right Right => right;

    /// <summary>Only for one who has proved within a few minutes to be there, and not for whoever finds the browser open.</summary>
    public bool Proven { get; init; }
}
