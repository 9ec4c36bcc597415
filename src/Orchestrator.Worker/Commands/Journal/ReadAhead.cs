using System.Threading.Channels;

namespace Orchestrator.Worker.Commands.Journal;

/// <summary>Reads a sequence on another thread while its items are worked on here, a bounded number ahead.</summary>
internal static class ReadAhead
{
    private const int Most = 4;   // an item may be a whole run

    /// <summary>The items in their order; what the sequence throws is thrown here.</summary>
    public static IAsyncEnumerable<T> Of<T>(IEnumerable<T> items) => Of(items.ToAsyncEnumerable());

    /// <summary>The same of a sequence that is read ahead itself: a chain of threads.</summary>
    public static async IAsyncEnumerable<T> Of<T>(IAsyncEnumerable<T> items)
    {
        using var left = new CancellationTokenSource();
        var ahead = Channel.CreateBounded<T>(new BoundedChannelOptions(Most) { SingleReader = true, SingleWriter = true });
        var reading = Task.Run(() => ReadAsync(items, ahead.Writer, left.Token));
        try
        {
            while (await ahead.Reader.WaitToReadAsync().ConfigureAwait(false))
                while (ahead.Reader.TryRead(out var item)) yield return item;
        }
        finally
        {
            // A caller that stops early waits for the reader too: it uses files that are about to be closed.
            await left.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }
    }

    private static async Task ReadAsync<T>(IAsyncEnumerable<T> items, ChannelWriter<T> ahead, CancellationToken left)
    {
        try
        {
            await foreach (var item in items.ConfigureAwait(false)) await ahead.WriteAsync(item, left).ConfigureAwait(false);
            ahead.Complete();
        }
        catch (Exception e)
        {
            ahead.Complete(e is OperationCanceledException ? null : e);
        }
    }
}
