using System.Text;
using System.Text.Json;

namespace Orchestrator.Engine.Executors.Sql;

/// <summary>PostgreSQL's text of an array, <c>{1,NULL,"a b"}</c> or nested, as a JSON list.</summary>
internal static class SqlArrayText
{
    public static void Write(Utf8JsonWriter json, string text, char delimiter, Action<Utf8JsonWriter, string> element)
    {
        var at = text.IndexOf('{');   // bounds other than 1 stand before it: [0:1]={...}
        if (at < 0)
        {
            json.WriteStringValue(text);
            return;
        }
        var word = new StringBuilder();
        while (at < text.Length)
        {
            switch (text[at])
            {
                case '{':
                    json.WriteStartArray();
                    at++;
                    break;
                case '}':
                    json.WriteEndArray();
                    at++;
                    break;
                case var c when c == delimiter:
                    at++;
                    break;
                case '"':
                    at = Quoted(text, at + 1, word);
                    element(json, word.ToString());
                    break;
                default:
                    at = Bare(text, at, delimiter, word);
                    if (word.ToString() is not "NULL" and var value) element(json, value);
                    else json.WriteNullValue();
                    break;
            }
        }
    }

    private static int Quoted(string text, int at, StringBuilder word)
    {
        word.Clear();
        for (; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] == '\\') at++;
            word.Append(text[at]);
        }
        return at + 1;
    }

    private static int Bare(string text, int at, char delimiter, StringBuilder word)
    {
        word.Clear();
        for (; at < text.Length && text[at] != delimiter && text[at] != '}'; at++) word.Append(text[at]);
        return at;
    }
}
