using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Postrider.Server.Hosting;

/// <summary>What the description of the HTTP interface says beside the routes.</summary>
internal static class OpenApiDocument
{
    /// <summary>What handing in reads from the address and the header; the body is read by hand, as it may be either kind.</summary>
    public static Task DescribeSubmit(OpenApiOperation operation)
    {
        OpenApiSchema text = new() { Type = JsonSchemaType.String };
        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter { Name = "from", In = ParameterLocation.Query, Schema = text, Description = "With message/rfc822: the envelope's sender; the author when left out, the null reverse path when empty." });
        operation.Parameters.Add(new OpenApiParameter { Name = "to", In = ParameterLocation.Query, Schema = new OpenApiSchema { Type = JsonSchemaType.Array, Items = text }, Description = "With message/rfc822: the envelope's recipients." });
        operation.Parameters.Add(new OpenApiParameter { Name = "provider", In = ParameterLocation.Query, Schema = text, Description = "With message/rfc822: the provider to send through." });
        operation.Parameters.Add(new OpenApiParameter { Name = "Idempotency-Key", In = ParameterLocation.Header, Schema = text, Description = "The same key and the same request give the same message, however often it is sent." });
        return Task.CompletedTask;
    }

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
