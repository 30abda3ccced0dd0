using EdgeRuntime.Realtime;
using Xunit;

namespace EdgeRuntime.Tests.Realtime;

public class MailboxTests
{
    [Fact]
    public void Between_two_threads_each_item_is_taken_or_given_back_once()
    {
        const int All = 200_000;
        var mailbox = new Mailbox<object>();
        object[] items = [.. Enumerable.Range(0, All).Select(i => (object)i)];
        int replaced = 0, taken = 0, last = -1;
        var writer = new Thread(() =>
        {
            foreach (object item in items)
                if (mailbox.Post(item) is not null) replaced++;
        });
        writer.Start();
        while (writer.IsAlive || mailbox.Peek() is not null)
        {
            if (mailbox.Take() is not { } item) continue;
            if ((int)item <= last) Assert.Fail("An older one came after a newer one.");
            last = (int)item;
            taken++;
        }
        writer.Join();
        Assert.Equal(All, replaced + taken);
        Assert.Equal(All - 1, last);
    }

    [Fact]
    public void A_hand_over_keeps_the_order_and_refuses_what_has_no_room()
    {
        const int All = 200_000;
        var queue = new HandOver<object>(7);
        object[] items = [.. Enumerable.Range(0, All).Select(i => (object)i)];
        int refused = 0;
        var writer = new Thread(() =>
        {
            foreach (object item in items)
                while (!queue.TryPut(item))
                {
                    refused++;
                    Thread.Yield();
                }
        });
        writer.Start();
        for (int next = 0; next < All;)
        {
            object? first = queue.Peek();
            if (queue.Take() is not { } item) continue;
            if (first is not null && first != item) Assert.Fail($"{first} was first, not {item}");
            if ((int)item != next++) Assert.Fail($"{item} is not {next - 1}");
        }
        writer.Join();
        Assert.Equal(0, queue.Count);
        Assert.Null(queue.Take());
        var full = new HandOver<string>(1);
        Assert.True(full.TryPut("a"));
        Assert.False(full.TryPut("b"));
    }
}
