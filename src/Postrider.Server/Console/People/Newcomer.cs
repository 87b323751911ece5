namespace Postrider.Server.Console.People;

/// <summary>Who a provider's word makes of somebody.</summary>
internal abstract record Newcomer
{
    private Newcomer()
    {
    }

    public sealed record Known(Person Person) : Newcomer;

    /// <summary>Somebody who signs in otherwise has the name: two people, or one and a trap.</summary>
    public sealed record Taken : Newcomer;

    public sealed record WrongName : Newcomer;
}
