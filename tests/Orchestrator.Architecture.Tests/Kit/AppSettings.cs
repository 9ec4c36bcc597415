using System.Text.Json;

namespace Orchestrator.Architecture.Tests.Kit;

/// <summary>config/appsettings.json as keys and values: Api:Url, null and [] as words.</summary>
internal static class AppSettings
{
    public const string File = "config/appsettings.json";

    public static IReadOnlyDictionary<string, string> Values { get; } = Read();

    private static Dictionary<string, string> Read()
    {
        using var document = JsonDocument.Parse(Repository.Read(File), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        Walk(document.RootElement.GetProperty("Orchestrator"), "");
        return found;

        void Walk(JsonElement at, string path)
        {
            foreach (var property in at.EnumerateObject())
            {
                var key = path.Length == 0 ? property.Name : $"{path}:{property.Name}";
                if (property.Value.ValueKind == JsonValueKind.Object) Walk(property.Value, key);
                else found.Add(key, property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : property.Value.GetRawText());
            }
        }
    }
}
