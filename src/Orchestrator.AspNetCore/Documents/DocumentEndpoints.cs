using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;
using Orchestrator.AspNetCore.Requests;

namespace Orchestrator.AspNetCore.Documents;

/// <summary>
/// <c>/openapi/v1.json</c>: the API's description, as it stands in <c>config/schema/openapi.json</c>. Written by hand, so that a start pays nothing for
/// it; tests hold it against the routes and against every answer they get.
/// </summary>
internal static class DocumentEndpoints
{
    private static readonly Lazy<(byte[] Text, EntityTagHeaderValue Tag)> Document = new(Read);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapMethods("/openapi/v1.json", RouteAnswers.Read, () => Results.Bytes(Document.Value.Text, "application/json; charset=utf-8", entityTag: Document.Value.Tag));

    private static (byte[], EntityTagHeaderValue) Read()
    {
        using var resource = typeof(DocumentEndpoints).Assembly.GetManifestResourceStream("openapi.json")!;
        var text = new byte[resource.Length];
        resource.ReadExactly(text);
        return (text, new($"\"{Convert.ToHexStringLower(SHA256.HashData(text).AsSpan(0, 8))}\""));
    }
}
