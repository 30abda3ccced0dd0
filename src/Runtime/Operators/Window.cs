using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>How padding is found when it is not given.</summary>
internal enum AutoPad
{
    /// <summary>As the pads say.</summary>
    Explicit,

    /// <summary>Output size = ⌈input / stride⌉, the odd pixel of padding at the end.</summary>
    SameUpper,

    /// <summary>The same, the odd pixel at the beginning.</summary>
    SameLower,
}

/// <summary>A window that slides over the spatial axes: kernel, strides, dilations and pads of convolution and pooling.</summary>
internal struct Window
{
    public int[] Kernel = [];
    public int[] Strides = [];
    public int[] Dilations = [];

    /// <summary>Pads at the beginning of each spatial axis, then at the end of each.</summary>
    public int[] Pads = [];
    public AutoPad AutoPad;

    /// <summary>Rounds the output size up instead of down, so that the last window may stick out.</summary>
    public bool Ceil;

    public Window() { }

    /// <summary>The number of spatial axes.</summary>
    public readonly int Axes => Kernel.Length;

    public void Visit(AttributeCodec codec)
    {
        codec.Ints("kernel", ref Kernel);
        codec.Ints("strides", ref Strides);
        codec.Ints("dilations", ref Dilations);
        codec.Ints("pads", ref Pads);
        codec.Enum("auto_pad", ref AutoPad);
        codec.Bool("ceil", ref Ceil);
    }

    /// <summary>A window with stride 1, no dilation and no padding.</summary>
    public static Window Of(params ReadOnlySpan<int> kernel)
    {
        int[] ones = new int[kernel.Length];
        Array.Fill(ones, 1);
        return new Window { Kernel = kernel.ToArray(), Strides = ones, Dilations = ones, Pads = new int[2 * kernel.Length] };
    }

    /// <summary>Pixels that the window covers along an axis, dilation included.</summary>
    public readonly int Extent(int axis) => (Kernel[axis] - 1) * Dilations[axis] + 1;

    /// <summary>The output size along an axis, or unknown if the input size is.</summary>
    public readonly int Output(int size, int axis)
    {
        if (size < 0) return Shape.Unknown;
        if (AutoPad != AutoPad.Explicit) return (size + Strides[axis] - 1) / Strides[axis];
        int room = size + Pads[axis] + Pads[axis + Axes] - Extent(axis);
        if (room < 0) return 0;
        int steps = Ceil ? (room + Strides[axis] - 1) / Strides[axis] : room / Strides[axis];
        // A window that would start in the end padding is left out (ONNX, PyTorch).
        if (Ceil && steps * Strides[axis] >= size + Pads[axis]) steps--;
        return steps + 1;
    }

    /// <summary>Padding before the first pixel of an axis of a known size.</summary>
    public readonly int PadBegin(int size, int axis)
    {
        if (AutoPad == AutoPad.Explicit) return Pads[axis];
        int total = Math.Max(0, (Output(size, axis) - 1) * Strides[axis] + Extent(axis) - size);
        return AutoPad == AutoPad.SameUpper ? total / 2 : total - total / 2;
    }

    /// <summary>Checks that the lists agree and that sizes are positive.</summary>
    public readonly void Validate(string name)
    {
        int axes = Axes;
        bool fits = axes is >= 1 and <= 3 && Strides.Length == axes && Dilations.Length == axes && Pads.Length == 2 * axes
            && Array.TrueForAll(Kernel, v => v is > 0 and < 1 << 16) && Array.TrueForAll(Strides, v => v is > 0 and < 1 << 16)
            && Array.TrueForAll(Dilations, v => v is > 0 and < 1 << 12) && Array.TrueForAll(Pads, v => v is > -(1 << 16) and < 1 << 16);
        if (!fits)
            throw new EdgeException(ErrorCode.InvalidOperands, $"{name}: kernel [{string.Join(' ', Kernel)}], strides [{string.Join(' ', Strides)}], " +
                $"dilations [{string.Join(' ', Dilations)}] and pads [{string.Join(' ', Pads)}] do not describe a window of 1 to 3 axes.");
    }
}
