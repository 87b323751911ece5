using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Postrider.Server.Hosting;

/// <summary>What the description of the HTTP interface says beside the routes.</summary>
internal static class OpenApiDocument
{
    public static void Describe(OpenApiOptions options) => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Info = new OpenApiInfo
        {
            Title = "Postrider", Version = "v1",
            Description = "Hand in mail, configure SMTP OAuth providers, and see what became of every message.",
        };
        // The document is committed and compared: it must not depend on where the gateway happens to listen.
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key: the content of admin.key, or one made with postrider key add." },
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", document)] = [] }];
        return Task.CompletedTask;
    });
}
