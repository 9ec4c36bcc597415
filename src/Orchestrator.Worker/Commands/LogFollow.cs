using System.Runtime.CompilerServices;
using System.Text;
using Orchestrator.Engine.Files;

namespace Orchestrator.Worker.Commands;

/// <summary>Reads a log's lines while another process writes it. The file may not be there yet.</summary>
internal sealed class LogFollow(string path, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <param name="ended">Whether nothing more can come; looked at before the last read, so that nothing is missed.</param>
    public async IAsyncEnumerable<string> ReadAsync(Func<Task<bool>> ended, [EnumeratorCancellation] CancellationToken stop)
    {
        var decoder = Encoding.UTF8.GetDecoder();
        var rest = new StringBuilder();
        var bytes = new byte[64 * 1024];
        var chars = new char[bytes.Length + 1];
        long at = 0;
        for (var last = false; !last;)
        {
            last = await ended();
            while (Read(at, bytes) is > 0 and var count)
            {
                at += count;
                rest.Append(chars, 0, decoder.GetChars(bytes, 0, count, chars, 0, flush: false));
                var text = rest.ToString();
                var end = text.LastIndexOf('\n');
                if (end < 0) continue;
                rest.Clear().Append(text, end + 1, text.Length - end - 1);
                foreach (var line in text[..end].Split('\n')) yield return line;
            }
            if (!last) await Task.Delay(Interval, clock, stop);
        }
        if (rest.Length > 0) yield return rest.ToString();
    }

    private int Read(long at, byte[] bytes)
    {
        using var file = RegularFile.TryOpen(path);
        return file is null ? 0 : RandomAccess.Read(file, bytes, at);
    }
}
