namespace Postrider.Tests.Postgres;

/// <summary>Tests that find the database on PostgreSQL: those of a class derived from it run once more there.</summary>
internal interface IOnPostgres
{
    static bool Asked => TestContext.Current.TestClassInstance is IOnPostgres;
}
