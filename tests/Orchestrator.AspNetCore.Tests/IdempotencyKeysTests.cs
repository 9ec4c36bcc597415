using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.AspNetCore.Idempotency;
using Orchestrator.TestKit;

namespace Orchestrator.AspNetCore.Tests;

public sealed class IdempotencyKeysTests : IDisposable
{
    private readonly Sandbox _box = new();
    private readonly ManualTimeProvider _clock = new();

    private string FilePath => _box.PathOf("data/index/idempotency.jsonl");

    [Fact]
    public async Task A_key_stands_for_one_run_over_restarts_for_24_hours()
    {
        IdempotencyEntry first;
        using (var keys = Keys()) first = await keys.ClaimAsync("k", "body");
        first.Run.Time.ShouldBe(_clock.GetUtcNow(), TimeSpan.FromMilliseconds(1));
        using (var keys = Keys())
        {
            _clock.Advance(TimeSpan.FromHours(23));
            (await keys.FindAsync("k")).ShouldBe(first);
            (await keys.ClaimAsync("k", "other body")).ShouldBe(first);
            _clock.Advance(TimeSpan.FromHours(2));
            (await keys.FindAsync("k")).ShouldBeNull();
            (await keys.ClaimAsync("k", "body")).Run.ShouldNotBe(first.Run);
        }
    }

    [Fact]
    public async Task Claims_at_the_same_time_give_one_run()
    {
        using var keys = Keys();
        var all = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => keys.ClaimAsync("k", "body"))));
        all.Distinct().ShouldHaveSingleItem();
        (await File.ReadAllLinesAsync(FilePath)).Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("{\"key\":\"b\",\"bo")]
    [InlineData("\0\0\0\0\0\0")]
    [InlineData("{\"key\":\"b\",\"body\":\"x\",\"run_id\":\"no\",\"at\":\"2026-01-01T00:00:00Z\"}")]
    public async Task A_torn_last_line_is_cut_off_and_the_next_key_stands_on_a_line_of_its_own(string torn)
    {
        IdempotencyEntry first;
        using (var keys = Keys()) first = await keys.ClaimAsync("a", "body");
        await File.AppendAllTextAsync(FilePath, torn);
        using (var keys = Keys())
        {
            (await keys.FindAsync("b")).ShouldBeNull();
            await keys.ClaimAsync("c", "body");
        }
        using (var keys = Keys())
        {
            (await keys.FindAsync("a")).ShouldBe(first);
            (await keys.FindAsync("c")).ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task Keys_are_bounded_and_old_ones_make_room()
    {
        using var keys = Keys(most: 3);
        for (var i = 0; i < 3; i++) await keys.ClaimAsync($"k{i}", "body");
        await Should.ThrowAsync<TooManyKeysException>(() => keys.ClaimAsync("k3", "body"));
        (await keys.ClaimAsync("k0", "body")).ShouldNotBeNull();
        _clock.Advance(TimeSpan.FromHours(25));
        await keys.ClaimAsync("k3", "body");
        (await File.ReadAllLinesAsync(FilePath)).Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_key_that_cannot_be_written_is_not_claimed_and_the_next_try_starts_from_what_is_on_the_disk()
    {
        using var keys = Keys();
        Directory.CreateDirectory(_box.PathOf("data"));
        await File.WriteAllTextAsync(_box.PathOf("data/index"), "a file where the folder should be");
        await Should.ThrowAsync<IOException>(() => keys.ClaimAsync("k", "body"));
        File.Delete(_box.PathOf("data/index"));
        (await keys.ClaimAsync("k", "body")).ShouldNotBeNull();
        File.Exists(FilePath).ShouldBeTrue();
    }

    [Theory]
    [InlineData("", "{}")]
    [InlineData("{ \"b\" : [1, 2], \"a\": {\"d\": 1, \"c\": null} }", "{\"a\":{\"c\":null,\"d\":1},\"b\":[1,2]}")]
    public void Ways_to_write_one_body_are_one(string given, string canonical) => CanonicalJson.Of(System.Text.Encoding.UTF8.GetBytes(given)).ShouldBe(canonical);

    public void Dispose() => _box.Dispose();

    private IdempotencyKeys Keys(int most = 100) => new(() => new(_box.PathOf("data")), _clock, NullLogger<IdempotencyKeys>.Instance, most);
}
