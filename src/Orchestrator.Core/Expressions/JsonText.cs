using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Expressions;

/// <summary>Values as JSON text, never larger than allowed: a short expression can name a large value many times.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static string Of(ExpressionValue value) => Encoding.UTF8.GetString(Bytes(value));

    public static ReadOnlySpan<byte> Bytes(ExpressionValue value) => Bytes(value.WriteTo);

    /// <exception cref="ExpressionException">More than allowed is written.</exception>
    public static ReadOnlySpan<byte> Bytes(Action<Utf8JsonWriter> write)
    {
        var buffer = new BoundedBuffer();
        using (var writer = new Utf8JsonWriter(buffer, Writing)) write(writer);
        return buffer.Written;
    }

    /// <exception cref="JsonException">Not JSON.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> utf8) => JsonBounds.Parse(utf8);

    public static bool TryParse(string text, out JsonElement element)
    {
        try
        {
            element = Parse(Encoding.UTF8.GetBytes(text));
            return true;
        }
        catch (JsonException)
        {
            element = default;
            return false;
        }
    }

    private sealed class BoundedBuffer : IBufferWriter<byte>
    {
        private readonly ArrayBufferWriter<byte> _inner = new();

        public ReadOnlySpan<byte> Written => Check()._inner.WrittenSpan;

        public void Advance(int count) => _inner.Advance(count);

        public Memory<byte> GetMemory(int sizeHint = 0) => Check()._inner.GetMemory(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => Check()._inner.GetSpan(sizeHint);

        private BoundedBuffer Check() => _inner.WrittenCount <= ExpressionLimits.ResultLength ? this
            : throw new ExpressionException($"A value is larger than {ExpressionLimits.ResultLength} bytes of JSON.");
    }
}
