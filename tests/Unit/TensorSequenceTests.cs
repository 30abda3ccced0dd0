using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Unit;

/// <summary>Sequences of tensors in one tensor.</summary>
public class TensorSequenceTests
{
    [Fact]
    public void What_is_put_in_comes_out_again()
    {
        using Tensor inner = TensorSequence.Create(Tensor.Vector(1L, 2L).View, Tensor.Scalar(7L).View), none = TensorSequence.Create();
        using Tensor outer = TensorSequence.Create(inner.View, none.View);
        TensorView[] elements = TensorSequence.Read(outer.View);
        Assert.Equal(2, elements.Length);
        TensorView[] numbers = TensorSequence.Read(elements[0]);
        Assert.Equal([new Shape(2), new Shape()], numbers.Select(n => n.Shape));
        Assert.Equal([1L, 2L], numbers[0].Span<long>().ToArray());
        Assert.Equal([7L], numbers[1].Span<long>().ToArray());
        Assert.Empty(TensorSequence.Read(elements[1]));
    }

    [Fact]
    public void Damaged_bytes_are_refused_or_read()
    {
        using Tensor inner = TensorSequence.Create(Tensor.Vector(1f, 2f, 3f).View);
        using Tensor whole = TensorSequence.Create(inner.View, Tensor.Vector<byte>(1, 2, 3).View);
        int refused = 0;
        for (int seed = 0; seed < 5000; seed++)
        {
            var random = new Random(seed);
            byte[] bytes = whole.View.Bytes.ToArray();
            for (int i = random.Next(1, 4); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)(random.Next(2) == 0 ? 255 : random.Next(256));
            int length = random.Next(3) == 0 ? random.Next(bytes.Length + 1) : bytes.Length;
            using var damaged = new Tensor(new TensorType(DataType.Sequence, length));
            bytes.AsSpan(0, length).CopyTo(damaged.View.Bytes);
            try
            {
                foreach (TensorView element in TensorSequence.Read(damaged.View)) _ = element.Bytes.Length;
            }
            catch (EdgeException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 1000, 5000);
    }
}
