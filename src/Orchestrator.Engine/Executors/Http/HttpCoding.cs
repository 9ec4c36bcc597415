using System.IO.Compression;
using Orchestrator.Core;
using Orchestrator.Engine.Executors.Results;

namespace Orchestrator.Engine.Executors.Http;

/// <summary>
/// Unpacks a body as its <c>Content-Encoding</c> says. What is asked for stands in <c>Accept-Encoding</c>:
/// the task's own header, or <see cref="Accepted"/>.
/// </summary>
internal static class HttpCoding
{
    /// <summary>What is asked for where the task says nothing.</summary>
    public const string Accepted = "gzip, deflate, br";

    /// <summary>The body, unpacked while it is read.</summary>
    /// <param name="keepUnknown">A coding that is not known leaves the bytes as they came; otherwise it is a failure.</param>
    /// <exception cref="OutputProblemException">The coding is not known; on reading: the body is not what it says.</exception>
    public static async ValueTask<Stream> OpenAsync(HttpResponseMessage answer, bool keepUnknown, CancellationToken stop)
    {
        var stream = await answer.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        foreach (var coding in answer.Content.Headers.ContentEncoding.Reverse())
        {
            var next = await UnpackAsync(coding.Trim().ToLowerInvariant(), stream, stop).ConfigureAwait(false);
            if (next is null && keepUnknown) return stream;
            stream = next ?? throw new OutputProblemException(FailureKind.Error,
                $"The answer says `Content-Encoding: {coding}`, which cannot be unpacked: ask for another one with the header Accept-Encoding, or keep the bytes with `http.save`.");
        }
        return stream;
    }

    private static async ValueTask<Stream?> UnpackAsync(string coding, Stream stream, CancellationToken stop) => coding switch
    {
        "" or "identity" => stream,
        "gzip" or "x-gzip" => new UnpackingStream(coding, new GZipStream(stream, CompressionMode.Decompress)),
        "br" => new UnpackingStream(coding, new BrotliStream(stream, CompressionMode.Decompress)),
        "deflate" => new UnpackingStream(coding, await DeflateAsync(stream, stop).ConfigureAwait(false)),
        _ => null,
    };

    // Servers mean one of two formats by it; the first byte tells them apart.
    private static async ValueTask<Stream> DeflateAsync(Stream stream, CancellationToken stop)
    {
        var first = new byte[1];
        var n = await stream.ReadAsync(first, stop).ConfigureAwait(false);
        var whole = new BegunStream(n == 0 ? [] : first, stream);
        return n == 0 || (first[0] & 0x0F) == 8 ? new ZLibStream(whole, CompressionMode.Decompress) : new DeflateStream(whole, CompressionMode.Decompress);
    }

    /// <summary>Says in our words that a body is not what its header says.</summary>
    private sealed class UnpackingStream(string coding, Stream inner) : ReadOnlyStream(inner)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await Inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
            {
                throw new OutputProblemException(FailureKind.Error, $"The answer says `Content-Encoding: {coding}`, but its body is not {coding}, or is cut off.");
            }
        }
    }

    /// <summary>A stream of which the beginning has been read.</summary>
    private sealed class BegunStream(ReadOnlyMemory<byte> begun, Stream inner) : ReadOnlyStream(inner)
    {
        private ReadOnlyMemory<byte> _begun = begun;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_begun.IsEmpty) return await Inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            var n = Math.Min(buffer.Length, _begun.Length);
            _begun[..n].CopyTo(buffer);
            _begun = _begun[n..];
            return n;
        }
    }

    private abstract class ReadOnlyStream(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        protected Stream Inner => inner;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync().ConfigureAwait(false);
            await base.DisposeAsync().ConfigureAwait(false);
        }
    }
}
