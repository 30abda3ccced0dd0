using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>A spatial axis of a picture and the window that slides along it.</summary>
/// <param name="Size">Input pixels.</param>
/// <param name="Out">Output pixels.</param>
/// <param name="Kernel">Taps of the window.</param>
/// <param name="Stride">Input pixels between windows.</param>
/// <param name="Dilation">Input pixels between taps.</param>
/// <param name="Pad">Pixels before the first input pixel; fewer than 0 where input pixels are left out.</param>
internal readonly record struct ConvAxis(int Size, int Out, int Kernel, int Stride, int Dilation, int Pad)
{
    private const long Farthest = 1 << 30;

    /// <summary>An axis that the picture does not have.</summary>
    public static ConvAxis None { get; } = new(1, 1, 1, 1, 1, 0);

    /// <summary>True when some window reaches beyond the picture.</summary>
    public bool SticksOut => Pad > 0 || (long)(Out - 1) * Stride - Pad + (long)(Kernel - 1) * Dilation >= Size;

    /// <summary>True when output pixel i is made of input pixel i alone.</summary>
    public bool IsPointwise => Kernel == 1 && Stride == 1 && Pad == 0 && Out == Size;

    /// <summary>True when all positions fit the 32 bits in which kernels compute them: windows come from files, and no tensor bounds them.</summary>
    public bool Fits => Size + Math.Abs((long)Pad) + (Out + 64L) * Stride + (long)Kernel * Dilation < Farthest;

    /// <summary>Input pixels under the windows of some neighbouring output pixels.</summary>
    public long Span(int outputs) => (outputs - 1L) * Stride + (Kernel - 1L) * Dilation + 1;

    /// <summary>The axes z, y and x of a window; fewer spatial axes leave z, then y, out.</summary>
    public static (ConvAxis Z, ConvAxis Y, ConvAxis X) Of(Window window, Shape input, Shape output, Func<int, int, int> padBegin)
    {
        int axes = window.Axes;
        return (axes > 2 ? Axis(axes - 3) : None, axes > 1 ? Axis(axes - 2) : None, Axis(axes - 1));

        ConvAxis Axis(int i) => new(input[i + 1], output[i + 1], window.Kernel[i], window.Strides[i], window.Dilations[i], padBegin(input[i + 1], i));
    }
}
