namespace Postrider.Simulator;

/// <summary>The <c>{tenant}</c> of a URL (reference 1.2).</summary>
/// <param name="Tenant">Null for <c>common</c> and <c>organizations</c>.</param>
internal sealed record TenantPath(string Segment, Tenant? Tenant)
{
    public static TenantPath? Find(SimulatorState state, string segment) =>
        segment is "common" or "organizations"
            ? new TenantPath(segment, null)
            : state.Directory.FindTenant(segment) is { } tenant ? new TenantPath(segment, tenant) : null;

    public static AadError NotFound(string segment) =>
        AadErrors.Of(90002, $"Tenant '{segment}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.");

    /// <summary>Finds the application if it may be used here.</summary>
    public AadError? Admit(SimulatorState state, string? clientId, out Application? application)
    {
        application = null;
        if (string.IsNullOrEmpty(clientId))
            return AadErrors.Missing("client_id");
        var found = state.Directory.FindApplication(clientId);
        if (found is null || (Tenant is not null && found.TenantId != Tenant.Id && !found.MultiTenant))
            return AadErrors.Of(700016, $"Application with identifier '{clientId}' was not found in the directory '{Segment}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.");
        if (Tenant is null && !found.MultiTenant)
            return AadErrors.Of(50194, $"Application '{clientId}'({found.DisplayName}) is not configured as a multi-tenant application. Usage of the /{Segment} endpoint is not supported for such apps created after '10/15/2018'. Use a tenant-specific endpoint or configure the application to be multi-tenant.");
        application = found;
        return null;
    }

    public IEnumerable<Account> Accounts(SimulatorState state) =>
        state.Directory.Accounts.Where(a => !a.Shared && (Tenant is null || a.TenantId == Tenant.Id));
}
