using System.Text.Json;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>A JSON value whose texts may hold expressions. A text that is exactly one hole becomes the value itself, not its text.</summary>
internal abstract record JsonTemplate
{
    private JsonTemplate() { }

    /// <summary>A value without expressions, passed on as it is.</summary>
    public sealed record Literal(JsonElement Json) : JsonTemplate;

    public sealed record Text(Template Template) : JsonTemplate;

    public sealed record List(JsonTemplate[] Items) : JsonTemplate;

    public sealed record Members((string Name, JsonTemplate Value)[] Items) : JsonTemplate;

    public static JsonTemplate Compile(JsonElement json, string where)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String when json.GetString() is { } text && Template.MayHaveHoles(text):
                return new Text(WorkflowTemplates.Compile(text, where));
            case JsonValueKind.Array:
                JsonTemplate[] items = [.. json.EnumerateArray().Select((item, i) => Compile(item, $"{where}[{i}]"))];
                return items.All(i => i is Literal) ? new Literal(json) : new List(items);
            case JsonValueKind.Object:
                (string, JsonTemplate Value)[] members = [.. json.EnumerateObject().Select(p => (p.Name, Compile(p.Value, $"{where}.{p.Name}")))];
                return members.All(m => m.Value is Literal) ? new Literal(json) : new Members(members);
            default:
                return new Literal(json);
        }
    }

    public IEnumerable<ExpressionReference> References => this switch
    {
        Text text => text.Template.References,
        List list => list.Items.SelectMany(i => i.References),
        Members members => members.Items.SelectMany(m => m.Value.References),
        _ => [],
    };

    public JsonElement Render(ExpressionScope scope) => this switch
    {
        Literal literal => literal.Json,
        Text text => text.Template.RenderValue(scope),
        _ => JsonText.Parse(JsonText.Bytes(writer => Write(writer, scope))),
    };

    private void Write(Utf8JsonWriter writer, ExpressionScope scope)
    {
        switch (this)
        {
            case List list:
                writer.WriteStartArray();
                foreach (var item in list.Items) item.Write(writer, scope);
                writer.WriteEndArray();
                break;
            case Members members:
                writer.WriteStartObject();
                foreach (var (name, value) in members.Items)
                {
                    writer.WritePropertyName(name);
                    value.Write(writer, scope);
                }
                writer.WriteEndObject();
                break;
            default:
                Render(scope).WriteTo(writer);
                break;
        }
    }
}
