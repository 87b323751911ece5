using System.Collections.Concurrent;

namespace Postrider.Simulator;

/// <summary>Who exists. Adding what is already there replaces it.</summary>
public sealed class TenantDirectory
{
    private readonly ConcurrentDictionary<Guid, Tenant> _tenants = new();
    private readonly ConcurrentDictionary<Guid, Application> _applications = new();
    private readonly ConcurrentDictionary<string, Account> _accounts = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyCollection<Tenant> Tenants => [.. _tenants.Values.OrderBy(t => t.Domain, StringComparer.Ordinal)];

    public IReadOnlyCollection<Application> Applications => [.. _applications.Values.OrderBy(a => a.ClientId)];

    public IReadOnlyCollection<Account> Accounts => [.. _accounts.Values.OrderBy(a => a.Address, StringComparer.OrdinalIgnoreCase)];

    public void Add(Tenant tenant) => _tenants[tenant.Id] = tenant;

    public void Add(Application application) => _applications[application.ClientId] = application;

    public void Add(Account account) => _accounts[account.Address] = account;

    public bool RemoveTenant(Guid id) => _tenants.TryRemove(id, out _);

    public bool RemoveApplication(Guid clientId) => _applications.TryRemove(clientId, out _);

    public bool RemoveAccount(string address) => _accounts.TryRemove(address, out _);

    public Tenant? FindTenant(string idOrDomain) =>
        Guid.TryParse(idOrDomain, out var id)
            ? _tenants.GetValueOrDefault(id)
            : _tenants.Values.FirstOrDefault(t => t.Domain.Equals(idOrDomain, StringComparison.OrdinalIgnoreCase));

    public Application? FindApplication(string? clientId) =>
        Guid.TryParse(clientId, out var id) ? _applications.GetValueOrDefault(id) : null;

    public Account? FindAccount(string? address) =>
        address is null ? null : _accounts.GetValueOrDefault(address);

    public void Clear()
    {
        _tenants.Clear();
        _applications.Clear();
        _accounts.Clear();
    }
}
