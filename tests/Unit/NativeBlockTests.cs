using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Unit;

public class NativeBlockTests
{
    [Fact]
    public unsafe void Starts_at_a_cache_line_and_is_zeroed_where_wanted()
    {
        for (int bytes = 0; bytes < 300; bytes += 7)
        {
            var block = new NativeBlock(bytes, isZeroed: true);
            Assert.Equal(0, (nint)block.Data % AlignedBuffer.Alignment);
            Assert.False(new Span<byte>(block.Data, bytes + AlignedBuffer.Alignment).ContainsAnyExcept((byte)0));
            block.Release();
        }
    }

    [Fact]
    public unsafe void Stays_until_the_last_holder_lets_go()
    {
        var block = new NativeBlock(1000, isZeroed: false);
        block.Retain();
        block.Release();
        new Span<byte>(block.Data, 1000).Fill(7);
        for (int i = 0; i < 100; i++) new NativeBlock(1000, isZeroed: true).Release();
        Assert.False(new Span<byte>(block.Data, 1000).ContainsAnyExcept((byte)7));
        block.Release();
    }

    [Fact]
    public void What_no_machine_has_is_refused() => Assert.Throws<EdgeRuntime.Diagnostics.EdgeException>(() => new NativeBlock(1L << 60, isZeroed: false));
}
