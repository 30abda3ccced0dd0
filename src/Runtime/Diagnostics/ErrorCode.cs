namespace EdgeRuntime.Diagnostics;

/// <summary>All errors the runtime and its tools report. 1xxx graph, 2xxx import, 3xxx model file, 4xxx running, 5xxx media, 6xxx device, 7xxx usage.</summary>
public enum ErrorCode
{
    /// <summary>An operator's inputs have types or shapes it is not defined for.</summary>
    InvalidOperands = 1001,

    /// <summary>A graph breaks one of its invariants (a dangling value, a cycle, a type that does not match).</summary>
    InvalidGraph = 1002,

    /// <summary>A shape has a dimension that is unknown where it must be known, or is too large.</summary>
    InvalidShape = 1003,

    /// <summary>The bytes are not an ONNX model, or the model is damaged.</summary>
    MalformedOnnx = 2001,

    /// <summary>The ONNX model uses what cannot be imported; every such place is listed.</summary>
    UnsupportedOnnx = 2002,

    /// <summary>The file is not a TensorFlow.js graph model, or the model is damaged.</summary>
    MalformedTensorFlow = 2003,

    /// <summary>The TensorFlow.js model uses what cannot be imported; every such place is listed.</summary>
    UnsupportedTensorFlow = 2004,

    /// <summary>The file is not an .edge file.</summary>
    NotAnEdgeFile = 3001,

    /// <summary>The .edge file was written by an incompatible version.</summary>
    EdgeVersion = 3002,

    /// <summary>The .edge file is truncated or damaged.</summary>
    CorruptEdgeFile = 3003,

    /// <summary>A model was loaded for a task that its metadata does not declare.</summary>
    WrongTask = 3004,

    /// <summary>An input tensor does not fit the model.</summary>
    InputMismatch = 4001,

    /// <summary>A plan could not be made: shapes depend on data or an arena would be too large.</summary>
    CannotPlan = 4002,

    /// <summary>No backend can run the model.</summary>
    NoBackend = 4003,

    /// <summary>A file or folder is missing or cannot be read.</summary>
    CannotRead = 5001,

    /// <summary>A file cannot be written.</summary>
    CannotWrite = 5002,

    /// <summary>A picture, video or sound cannot be decoded.</summary>
    CannotDecode = 5003,

    /// <summary>A program or package that is needed is not installed.</summary>
    MissingTool = 5004,

    /// <summary>A camera, microphone or other device is missing or fails.</summary>
    DeviceTrouble = 6001,

    /// <summary>A device stopped working and is gone for this process: what it held is lost.</summary>
    DeviceLost = 6002,

    /// <summary>A device has not enough memory.</summary>
    OutOfDeviceMemory = 6003,

    /// <summary>A device did not finish in time.</summary>
    DeviceTimeout = 6004,

    /// <summary>A driver refuses to build a kernel. The backend refuses the steps that need it from then on.</summary>
    PipelineRefused = 6005,

    /// <summary>A device computes something else than it should, though it once did not.</summary>
    WrongResult = 6006,

    /// <summary>The command line makes no sense.</summary>
    BadUsage = 7001,

    /// <summary>A download or checksum of a model of the zoo failed.</summary>
    CannotFetch = 7002,

    /// <summary>A quantized model would lose more accuracy than it may, or not fit its budget; it was not written.</summary>
    AccuracyLost = 7003,
}
