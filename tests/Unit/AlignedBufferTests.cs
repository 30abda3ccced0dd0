using System.Runtime.CompilerServices;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Unit;

public class AlignedBufferTests
{
    [Fact]
    public unsafe void Starts_at_a_cache_line_and_is_zeroed()
    {
        for (int bytes = 0; bytes < 300; bytes += 7)
        {
            var buffer = new AlignedBuffer(bytes);
            Assert.Equal(0, (nint)buffer.Data % AlignedBuffer.Alignment);
            Assert.False(new Span<byte>(buffer.Data, bytes + AlignedBuffer.Alignment).ContainsAnyExcept((byte)0));
        }
    }

    /// <summary>Elements were once read after the finalizer had freed them.</summary>
    [Fact]
    public void A_span_keeps_the_memory_of_a_forgotten_tensor()
    {
        Span<int> kept = Forgotten();
        for (int i = 0; i < 20; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            new Tensor(new TensorType(DataType.I32, 100_000)).Span<int>().Fill(-1);
        }
        Assert.False(kept.ContainsAnyExcept(7));
    }

    [Fact]
    public void A_view_keeps_the_memory_of_a_disposed_tensor()
    {
        TensorView view;
        using (Tensor tensor = Tensor.Vector(1, 2, 3)) view = tensor.View;
        GC.Collect();
        Assert.Equal([1, 2, 3], view.Span<int>().ToArray());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Span<int> Forgotten()
    {
        Span<int> elements = new Tensor(new TensorType(DataType.I32, 100_000)).Span<int>();
        elements.Fill(7);
        return elements;
    }
}
