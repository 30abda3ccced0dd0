namespace EdgeRuntime.Operators;

/// <summary>How a resized element is made of those around it.</summary>
internal enum Interpolation
{
    /// <summary>One of them.</summary>
    Nearest,

    /// <summary>Two along each axis, by distance.</summary>
    Linear,

    /// <summary>Four along each axis, by Keys' cubic convolution.</summary>
    Cubic,
}

/// <summary>Where an element of the result lies in the input, along one axis. Names and formulas of ONNX Resize-19.</summary>
internal enum ResizeCoordinates
{
    /// <summary>Centres of pixels are at halves: (x + ½) / scale - ½.</summary>
    HalfPixel,

    /// <summary>The same, but 0 for a result of one element.</summary>
    PyTorchHalfPixel,

    /// <summary>The same, corrected so that a result of rounded size stays centred.</summary>
    HalfPixelSymmetric,

    /// <summary>First and last elements fall on each other.</summary>
    AlignCorners,

    /// <summary>x / scale.</summary>
    Asymmetric,

    /// <summary>(x + ½) / scale; of Resize-11 only.</summary>
    TensorFlowHalfPixel,

    /// <summary>The region of interest is stretched over the result; what lies outside of the input is one value.</summary>
    CropAndResize,
}

/// <summary>How a position between two elements is rounded to the nearest.</summary>
internal enum NearestRounding
{
    /// <summary>To nearest, halves down.</summary>
    PreferFloor,

    /// <summary>To nearest, halves up.</summary>
    PreferCeil,
    Floor,
    Ceil,
}

/// <summary>Whether sizes are kept in proportion.</summary>
internal enum AspectRatio
{
    /// <summary>Each axis gets the size asked for.</summary>
    Stretch,

    /// <summary>One scale for all axes, so that none is larger than asked for.</summary>
    NotLarger,

    /// <summary>One scale for all axes, so that none is smaller than asked for.</summary>
    NotSmaller,
}
